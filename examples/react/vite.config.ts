import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The browser sees one origin: the server's cookie is the page's own, and there is no CORS.
const proxy = { '/graphql': process.env.AUTHGRAPH_URL ?? 'http://localhost:8080' }

// https://vite.dev/config/
export default defineConfig({
  plugins: [react()],
  server: { proxy },
  preview: { proxy },
})
