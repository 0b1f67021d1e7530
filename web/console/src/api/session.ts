/** Who is signed in, from where, and with which tokens. */
import { api } from '@/api/client'
import type {
  Done, FirstAgent, ForcedPresence, Id, Me, MePatch, NewToken, PresenceChange, PresenceView, SessionView, SetupView, SignIn, TokenView,
} from '@/api/schema'

export const fetchSetup = (): Promise<SetupView> => api.get('/setup')
export const setUp = (body: FirstAgent): Promise<Me> => api.post('/setup', body)
export const fetchMe = (): Promise<Me> => api.get('/session')
export const signIn = (body: SignIn): Promise<Me> => api.post('/session', body)
export const signOut = (): Promise<Done> => api.delete('/session')
export const changeMe = (body: MePatch): Promise<Me> => api.patch('/me', body)

export const fetchSessions = (): Promise<SessionView[]> => api.get('/sessions')
export const revokeSession = (id: Id): Promise<Done> => api.delete(`/sessions/${id}`)
export const fetchTokens = (): Promise<TokenView[]> => api.get('/tokens')
export const addToken = (body: NewToken): Promise<TokenView> => api.post('/tokens', body)
export const revokeToken = (id: Id): Promise<Done> => api.delete(`/tokens/${id}`)

export const changePresence = (body: PresenceChange): Promise<PresenceView> => api.put('/presence', body)
export const fetchPresence = (): Promise<PresenceView[]> => api.get('/presence')
export const forcePresence = (agent: Id, body: ForcedPresence): Promise<PresenceView> =>
  api.put(`/agents/${agent}/presence`, body)
