import '@fontsource-variable/inter'
import '@/styles/tokens.css'
import '@/styles/base.css'
import '@/styles/controls.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from '@/App.vue'
import { router } from '@/router'
import { i18n } from '@/shared/i18n'
import { startWorker } from '@/shared/push'
import { useRouterOf } from '@/shared/navigation'
import { usePreferences } from '@/shared/stores/preferences.store'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
void usePreferences()
  .apply()
  .then(() => {
    app.use(router)
    useRouterOf(router)
    app.mount('#app')
    if (import.meta.env.PROD) startWorker((path) => void router.push(path))
  })
