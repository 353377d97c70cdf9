// Development only: sample data, and rewrites page addresses to their html entries as the server does.
// With YICHUANG_SERVER=http://127.0.0.1:8080 the API comes from a running server.
import type { Plugin } from 'vite';
import { answer, upgrade } from './server.ts';

const pages: [RegExp, string][] = [
  [/^\/(sign-in|desk|approve|pickup|hall)(\/|\?|$)/, '/desk.html'],
  [/^\/(kiosk|display|pad)(\/|\?|$)/, '/$1.html'],
  [/^\/(t\/[^/]*|guide\/.*|apply\/.*|book|lists\/.*)?(\?|$)/, '/portal.html'],
];

export function mockServer(): Plugin {
  return {
    name: 'yichuang-pages',
    config: () => {
      const target = process.env.YICHUANG_SERVER;
      return target ? { server: { proxy: { '/api': { target, ws: true, changeOrigin: false } } } } : {};
    },
    configureServer(server) {
      if (!process.env.YICHUANG_SERVER) {
        server.httpServer?.on('upgrade', upgrade);
        server.middlewares.use((request, response, next) => {
          if (request.url?.startsWith('/api/')) void answer(request, response);
          else next();
        });
      }
      server.middlewares.use((request, _response, next) => {
        const url = request.url ?? '/';
        for (const [pattern, entry] of pages) {
          const match = pattern.exec(url);
          if (match) {
            request.url = entry.replace('$1', match[1] ?? '');
            break;
          }
        }
        next();
      });
    },
  };
}
