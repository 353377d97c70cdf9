// Development and tests only: the pages from Vite, everything else from a running `yichuang demo`, and page addresses
// rewritten to their html entries as the server does it.
import type { Connect, Plugin } from 'vite';

const pages: [RegExp, string][] = [
  [
    /^\/(sign-in|desk|approve|pickup|hall|figures|guide-desk|it|admin|helper|password|people|district|evaluations|my-evaluations|demo)(\/|\?|$)/,
    '/desk.html',
  ],
  [/^\/(kiosk|display|pad)(\/|\?|$)/, '/$1.html'],
  [/^\/((t|q)\/[^/]*|(guide|book|apply|progress|lists|complain|verify)(\/.*)?)?(\?|$)/, '/portal.html'],
];

const rewrite: Connect.NextHandleFunction = (request, _response, next) => {
  const url = request.url ?? '/';
  for (const [pattern, entry] of pages) {
    const match = pattern.exec(url);
    if (match) {
      request.url = entry.replace('$1', match[1] ?? '');
      break;
    }
  }
  next();
};

export function besideServer(): Plugin {
  const target = process.env.YICHUANG_SERVER ?? 'http://127.0.0.1:8080';
  return {
    name: 'yichuang-pages',
    config: () => ({ server: { proxy: { '/api': { target, ws: true, changeOrigin: false } } } }),
    configureServer: (server) => void server.middlewares.use(rewrite),
    configurePreviewServer: (server) => void server.middlewares.use(rewrite),
  };
}
