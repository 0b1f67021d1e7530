/** The center itself: its name, its first hour, its sample data. */
import { api } from '@/api/client'
import type { CenterPatch, CenterView, SamplesView } from '@/api/schema'

export const fetchCenter = (): Promise<CenterView> => api.get('/center')
export const changeCenter = (body: CenterPatch): Promise<CenterView> => api.patch('/center', body)
export const addSamples = (): Promise<SamplesView> => api.post('/samples')
export const removeSamples = (): Promise<SamplesView> => api.delete('/samples')
