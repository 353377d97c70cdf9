// What a page asks for before it shows anything: its entry's scripts and styles, as they travel (gzip). Prints a table and
// fails where a page for citizens or for the hall is above the limit. Run after the build.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const LIMIT = 150_000;
const limited = ['portal', 'kiosk', 'pad', 'display'];
const others = ['keeper', 'bag', 'desk'];
const dist = fileURLToPath(new URL('../web/dist/', import.meta.url));
const read = (path) => readFileSync(`${dist}${path}`);
const sizeOf = (path) => gzipSync(read(path)).length;

let tooMuch = 0;
console.log('首次加载（gzip，字节）    脚本     样式     合计');
for (const page of [...limited, ...others]) {
  const html = read(`${page}.html`).toString();
  const asked = [...html.matchAll(/<(?:script|link)[^>]*(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path);
  if (!asked.some((path) => path.endsWith('.js'))) throw new Error(`${page}.html asks for no script: was it built?`);
  const sum = (end) => asked.filter((path) => path.endsWith(end)).reduce((bytes, path) => bytes + sizeOf(path), 0);
  const [scripts, styles] = [sum('.js'), sum('.css')];
  const whole = sizeOf(`${page}.html`) + scripts + styles;
  const isLimited = limited.includes(page);
  if (isLimited && whole > LIMIT) tooMuch += 1;
  const says = isLimited ? (whole > LIMIT ? `  超过 ${LIMIT}` : `  ≤ ${LIMIT}`) : '';
  console.log(page.padEnd(20) + [scripts, styles, whole].map((bytes) => String(bytes).padStart(9)).join('') + says);
}
if (tooMuch > 0) process.exit(1);
