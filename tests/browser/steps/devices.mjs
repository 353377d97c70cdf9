// Kiosk, board, window strip and pad, as people in the hall meet them.

export async function open_kiosk(stage, { url }) {
  const page = await stage.enter('kiosk', 'kiosk');
  await page.goto(url);
  await page.locator('.ln').first().waitFor();
}

/** Touches a line; the number and what is beside it. */
export async function take_number(stage, { line, done = true }) {
  const page = stage.page('kiosk');
  await page.locator(`.ln[data-line$="${line}"]`).click();
  const number = page.getByTestId('number');
  await number.waitFor();
  const taken = {
    number: (await number.innerText()).trim(),
    tracking_code: await number.getAttribute('data-tracking'),
  };
  if (done) await page.getByTestId('done').click();
  return taken;
}

export async function kiosk_done(stage) {
  await stage.page('kiosk').getByTestId('done').click();
  await stage.page('kiosk').locator('.ln').first().waitFor();
}

/** Types on the kiosk's keyboard and answers what is found. */
export async function kiosk_search(stage, { keys }) {
  const page = stage.page('kiosk');
  await page.getByTestId('search').click();
  for (const key of keys) await page.locator('.keys').getByRole('button', { name: key, exact: true }).click();
  await page.locator('[data-matter]').first().waitFor();
  return page.locator('[data-matter]').allInnerTexts();
}

export async function open_board(stage, { url, name = 'board', size = 'tv' }) {
  const page = await stage.enter(name, size);
  await page.goto(url);
}

/** Waits until the board's large call is this number and window. */
export async function board_calls(stage, { number, window }) {
  const page = stage.page('board');
  await page.getByTestId('hero-number').filter({ hasText: number }).waitFor();
  await page
    .getByTestId('hero-window')
    .filter({ hasText: String(window) })
    .waitFor();
}

/** Waits until an earlier call stands in the list beside it. */
export async function board_listed(stage, { number, window }) {
  const row = stage
    .page('board')
    .locator('.rec-row')
    .filter({ hasText: number })
    .filter({ hasText: String(window) });
  await row.first().waitFor();
}

export async function board_is_cut(stage) {
  const cut = stage.page('board').getByTestId('cut');
  await cut.waitFor({ timeout: 40_000 });
  return cut.innerText();
}

export async function kiosk_is_cut(stage) {
  await stage.page('kiosk').getByText('连接中断').first().waitFor({ timeout: 40_000 });
}

export async function pad_asks(stage) {
  const page = stage.page('pad');
  await page.locator('[data-level]').first().waitFor();
  if ((await page.locator('[data-level][aria-pressed="true"], [data-level].on').count()) > 0)
    throw new Error('a face is chosen before anybody chose');
}

export async function open_pad(stage, { url, token }) {
  const page = await stage.enter('pad', 'pad', {
    storage: { yichuang_device_token: token },
  });
  await page.goto(url);
}

/** Answers the pad's question; nothing is chosen before. */
export async function rate_on_pad(stage, { level }) {
  const page = stage.page('pad');
  await page.locator(`[data-level="${level}"]`).click();
  await page.getByTestId('submit').click();
  await page.getByText('谢谢').first().waitFor();
}
