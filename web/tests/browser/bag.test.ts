// The field bag's page: signing in, an application from the matter to the receipt with a photo that is made small, what is
// told when it is refused, and what it says without a line.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page, Route } from 'playwright-core';
import { nobody, type BagMatter, type BagState, type Draft, type Filled, type Sent } from '../../src/keeper/bag';
import { Pages } from './pages';
import { look } from './staff/look';
import { NOW, people, places } from './words';

const TIME_MS = 60_000;
const SIZES = { pad: { width: 1280, height: 800 }, laptop: { width: 1366, height: 768 } };
const PIN = '204815';
const staff = { id: 'p0', name: people[0] as string, username: 'helper1' };
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

const material = (id: string, name: string, more: object = {}) => ({
  id,
  name,
  originals: 1,
  copies: 1,
  required: true,
  tolerable: false,
  keeping: 'collected' as const,
  acceptance_points: [],
  situation_ids: [],
  ...more,
});
const matter: BagMatter = {
  id: 'm0',
  name: '最低生活保障对象认定',
  case_kind: 'promised',
  promised_days: 10,
  statutory_days: 30,
  applicant_kinds: ['person'],
  materials: [
    material('a', '居民身份证', { keeping: 'verified', copies: 0 }),
    material('b', '居民户口簿'),
    material('c', '家庭收入、财产状况的书面声明和核对授权书', { tolerable: true }),
    material('d', '授权委托书', { situation_ids: ['agent'] }),
  ],
  situations: [
    {
      question: '谁来办',
      many: false,
      options: [
        { id: 'self', name: '本人' },
        { id: 'agent', name: '别人代办' },
      ],
    },
  ],
  conditions: ['共同生活的家庭成员人均收入低于当地低保标准'],
  form_schema: {
    type: 'object',
    properties: { people: { type: 'integer', title: '家里几口人', minimum: 1, maximum: 20 } },
    required: ['people'],
  },
};
const refusal = (status: number, code: string, more: object = {}) => ({ status, json: { status, code, title: code, ...more } });

/** A bag small enough to follow: what it is asked for it does, and remembers. */
class Bag {
  state: BagState = {
    is_packed: true,
    site_name: places[0] as string,
    site_phone: '0470-8221234',
    public_url: 'http://hall.test',
    packed_at: NOW,
    online: false,
    unsent: 0,
    trouble: null,
  };
  signedIn = false;
  drafts: Draft[] = [];
  sent: Sent[] = [];
  readonly photos: Buffer[] = [];

  async answer(route: Route): Promise<void> {
    const request = route.request();
    const url = new URL(request.url());
    const path = url.pathname.replace('/api/v1/bag', '');
    const method = request.method();
    if (path === '/state') return route.fulfill({ json: this.state });
    if (path === '/sessions' && method === 'POST') {
      const { username, pin } = request.postDataJSON() as { username: string; pin: string };
      this.signedIn = username === staff.username && pin === PIN;
      return route.fulfill(
        this.signedIn ? { status: 201, json: { staff } } : refusal(401, 'wrong_pin', { detail: '登录名或断网口令不对' }),
      );
    }
    if (!this.signedIn) return route.fulfill(refusal(401, 'unauthenticated'));
    if (path === '/sessions/current') return route.fulfill({ json: { staff } });
    if (path === '/matters') {
      const fits = matter.name.includes(url.searchParams.get('query') ?? '');
      const { id, name, case_kind, promised_days } = matter;
      return route.fulfill({ json: { items: fits ? [{ id, name, case_kind, promised_days, materials: 4 }] : [] } });
    }
    if (path === '/matters/m0') return route.fulfill({ json: matter });
    const [, , id = '', noun, sha] = path.split('/');
    if (path === '/cases' && method === 'GET') return route.fulfill({ json: { drafts: this.drafts, sent: this.sent } });
    if (path === '/cases') {
      const filled: Filled = { situation_ids: [], materials: [], applicant: nobody(), agent: null, form: {} };
      const begun = { id: `c${this.drafts.length}`, matter_id: 'm0', matter_name: matter.name, changed_at: NOW, filled, photos: [] };
      this.drafts.push(begun);
      return route.fulfill({ status: 201, json: begun });
    }
    const at = this.drafts.findIndex((draft) => draft.id === id);
    const draft = this.drafts[at];
    if (!draft) return route.fulfill(refusal(404, 'not_found'));
    const set = (more: Partial<Draft>) => (this.drafts[at] = { ...draft, ...more });
    if (noun === 'photos' && method === 'POST') {
      this.photos.push(request.postDataBuffer() as Buffer);
      const photo = { sha: String(this.photos.length - 1), material_id: url.searchParams.get('material_id') ?? '' };
      return route.fulfill({ status: 201, json: set({ photos: [...draft.photos, photo] }) });
    }
    if (noun === 'photos' && method === 'GET')
      return route.fulfill({ contentType: 'image/jpeg', body: this.photos[Number(sha)] as Buffer });
    if (noun === 'photos') return route.fulfill({ json: set({ photos: draft.photos.filter((photo) => photo.sha !== sha) }) });
    if (noun === 'receive') return this.receive(route, draft, (request.postDataJSON() as { as_draft: boolean }).as_draft);
    if (method === 'DELETE') {
      this.drafts.splice(at, 1);
      return route.fulfill({ status: 204, body: '' });
    }
    return route.fulfill({ json: set({ filled: request.postDataJSON() as Filled }) });
  }

  private receive(route: Route, draft: Draft, as_draft: boolean): Promise<void> {
    const { applicant, situation_ids: chosen, form } = draft.filled;
    const errors = [
      chosen.length === 0 && { field: 'situation_ids', code: 'unanswered', message: '“谁来办”还没有选' },
      applicant.name === '' && { field: 'applicant.name', code: 'missing', message: '写上姓名或名称' },
      applicant.phone === '' && { field: 'applicant.phone', code: 'missing', message: '写上手机号，办好了要通知' },
      !as_draft && form['people'] === undefined && { field: 'form.people', code: 'missing', message: '家里几口人还没有填' },
    ].filter(Boolean);
    if (errors.length) return route.fulfill(refusal(422, 'invalid', { errors }));
    const one: Sent = {
      case_id: draft.id,
      number: 'DC20261124K0001',
      query_code: '7M4XQ2AB',
      tracking_code: 'abcdefgh12345678',
      matter_name: draft.matter_name,
      at: NOW,
      by_name: staff.name,
      applicant: '李*',
      materials: draft.filled.materials.map(({ id, ...line }) => ({
        ...line,
        name: matter.materials.find((known) => known.id === id)?.name ?? id,
        photos: draft.photos.filter((photo) => photo.material_id === id).length,
      })),
      as_draft,
      is_taken: false,
    };
    this.drafts = this.drafts.filter(({ id }) => id !== draft.id);
    this.sent.push(one);
    this.state = { ...this.state, unsent: 1 };
    return route.fulfill({ status: 201, json: one });
  }
}

async function enter(bag: Bag): Promise<Page> {
  return pages.enter('/bag.html', SIZES.laptop, () => undefined, {
    prepare: async (page) => {
      await page.clock.install({ time: new Date(NOW) });
      await page.route('**/api/v1/bag/**', (route) => bag.answer(route));
    },
  });
}
async function lookAtBoth(page: Page, name: string): Promise<void> {
  await look(page, `bag-${name}`);
  await page.setViewportSize(SIZES.pad);
  await look(page, `bag-${name}-pad`);
  await page.setViewportSize(SIZES.laptop);
}
/** A picture as large as a telephone takes it. */
const large = (page: Page) =>
  page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 4000, height: 3000 });
    const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
    pen.fillStyle = '#dcd2bd';
    pen.fillRect(0, 0, 4000, 3000);
    pen.fillStyle = '#554433';
    pen.font = '400px sans-serif';
    pen.fillText('户口簿', 900, 1700);
    const blob = (await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'))) as Blob;
    return [...new Uint8Array(await blob.arrayBuffer())];
  });

it('an application from the matter to the receipt without a line', { timeout: TIME_MS }, async () => {
  const bag = new Bag();
  const page = await enter(bag);
  await page.locator('#kp-user:focus').waitFor();
  await look(page, 'bag-sign-in');
  await page.keyboard.type(staff.username);
  await page.keyboard.press('Tab');
  await page.keyboard.type(PIN);
  await page.keyboard.press('Enter');
  await page.locator('#bag-query:focus').waitFor();
  await page.getByRole('button', { name: /最低生活保障/ }).waitFor();
  await lookAtBoth(page, 'matters');
  await page.keyboard.type('没有这件事');
  await page.getByText('没有找到').waitFor();
  await page.locator('#bag-query').fill('低');
  await page.locator('#bag-query').fill('最低');
  await page.getByRole('button', { name: /最低生活保障/ }).click();
  await page.getByRole('heading', { name: '申请人' }).waitFor();
  await lookAtBoth(page, 'begun');

  // Everything that is wrong is told at once, each where it is.
  await page.getByRole('button', { name: '接件，出凭证' }).click();
  await page.getByText('还有 4 处要改').waitFor();
  for (const text of ['写上姓名或名称', '写上手机号，办好了要通知', '家里几口人还没有填']) await page.getByText(text).first().waitFor();
  await lookAtBoth(page, 'refused');

  await page.getByRole('radio', { name: '别人代办' }).click();
  await page.getByRole('checkbox', { name: /授权委托书/ }).waitFor();
  await page.getByRole('radio', { name: '本人' }).click();
  expect(await page.getByRole('checkbox', { name: /授权委托书/ }).count()).toBe(0);
  await page.getByLabel('姓名').fill('李华');
  await page.getByLabel('证件号').fill('11010519491231002X');
  await page.getByLabel('电话').fill('13800138000');
  await page.getByLabel('家里几口人').fill('3');
  await page.getByRole('checkbox', { name: /居民身份证/ }).click();
  const picture = { name: '户口簿.png', mimeType: 'image/png', buffer: Buffer.from(await large(page)) };
  await page.getByLabel('给“居民户口簿”选照片文件').setInputFiles(picture);
  await page.getByRole('button', { name: '看照片' }).waitFor();
  // It is kept small, as JPEG, and its paper counts as handed in.
  const kept = bag.photos[0] as Buffer;
  expect([...kept.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  const sides = await page.evaluate(
    async (bytes) => {
      const { width, height } = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
      return [width, height];
    },
    [...kept],
  );
  expect(sides).toEqual([2000, 1500]);
  expect(await page.getByRole('checkbox', { name: /居民户口簿/ }).getAttribute('aria-checked')).toBe('true');
  await page
    .getByLabel('给“居民户口簿”选照片文件')
    .setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await page.getByText('“a.png”打不开').waitFor();
  // A laptop without a camera says so; with one, each press is a picture.
  const shoot = page.getByRole('button', { name: '给“居民身份证”拍照' });
  await page.evaluate(() => {
    const getUserMedia = () => Promise.reject(new DOMException('none', 'NotFoundError'));
    Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia }, configurable: true });
  });
  await shoot.click();
  await page.getByText('这台电脑没有摄像头').waitFor();
  await page.evaluate(() => Reflect.deleteProperty(navigator, 'mediaDevices'));
  await shoot.click();
  // Enter takes a picture, and the focus stays with the camera until one is done.
  await page.locator('.shown button.primary:focus', { hasText: /^\s*拍\s*$/ }).waitFor();
  for (let at = 0; at < 4; at += 1) {
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest('.shown') !== null)).toBe(
      true,
    );
  }
  await page.getByRole('button', { name: '拍', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('居民身份证 · 1 张').waitFor();
  await page.getByRole('button', { name: '拍好了' }).click();
  await page.clock.runFor(1_000);
  await page.getByText('存在本机').waitFor();
  expect(await page.getByText('写上姓名或名称').filter({ visible: true }).count()).toBe(0);
  await lookAtBoth(page, 'filled');
  await page.getByRole('button', { name: '看照片' }).last().click();
  await look(page, 'bag-photo');
  await page.keyboard.press('Escape');
  await page.locator('dialog.shown').waitFor({ state: 'detached' });

  await page.getByRole('button', { name: '接件，出凭证' }).click();
  await page.getByRole('heading', { name: '材料接收凭证' }).waitFor();
  expect(bag.sent[0]?.materials.map(({ status, photos }) => [status, photos])).toEqual([
    ['verified', 1],
    ['collected', 1],
  ]);
  expect(await page.locator('.paper').innerText()).toContain('DC20261124K0001');
  expect(await page.locator('.paper').innerText()).not.toContain('李');
  await lookAtBoth(page, 'receipt');
  await page.emulateMedia({ media: 'print' });
  expect(await page.locator('.cases, .top').filter({ visible: true }).count()).toBe(0);
  await page.emulateMedia({ media: null });
  // The line is back.
  bag.state = { ...bag.state, online: true, unsent: 0 };
  bag.sent = bag.sent.map((one) => ({ ...one, is_taken: true }));
  await page.clock.runFor(3_500);
  await page.getByText('已经传回中心').waitFor();
  await page.getByText('连着网 · 都传好了').waitFor();
  await page.getByRole('button', { name: '接下一件' }).click();
  await page.getByRole('heading', { name: '办什么事' }).waitFor();
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('what is begun is found again, and thrown away only after a second word', { timeout: TIME_MS }, async () => {
  const bag = new Bag();
  bag.signedIn = true;
  const filled: Filled = {
    situation_ids: ['self'],
    materials: [],
    applicant: { ...nobody(), kind: 'person', name: '李华', id_type: 'resident_id' },
    agent: null,
    form: { people: 3 },
  };
  bag.drafts = [{ id: 'c0', matter_id: 'm0', matter_name: matter.name, changed_at: NOW, filled, photos: [] }];
  const page = await enter(bag);
  await page.getByRole('button', { name: /李华/ }).click();
  await page.getByLabel('家里几口人').waitFor();
  expect([await page.getByLabel('姓名').inputValue(), await page.getByLabel('家里几口人').inputValue()]).toEqual(['李华', '3']);
  await page.getByRole('button', { name: '不办了…' }).click();
  await page.getByRole('button', { name: '留着' }).click();
  expect(bag.drafts).toHaveLength(1);
  await page.getByRole('button', { name: '不办了…' }).click();
  await page.getByRole('button', { name: '删掉' }).click();
  await page.getByRole('heading', { name: '办什么事' }).waitFor();
  expect(bag.drafts).toHaveLength(0);
  bag.state = { ...bag.state, trouble: 'disk_low' };
  await page.clock.runFor(3_500);
  await page.getByText('磁盘快满了').waitFor();
  await look(page, 'bag-disk');
  await page.context().close();
});

it('a bag that was never packed says what to do', { timeout: TIME_MS }, async () => {
  const bag = new Bag();
  bag.state = { ...bag.state, is_packed: false, packed_at: null };
  const page = await enter(bag);
  await page.getByText('还没有装包').waitFor();
  await look(page, 'bag-empty');
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});
