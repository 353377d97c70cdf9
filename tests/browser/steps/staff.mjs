// Clerk, approver, issuer, supervisor. The clerk's way is walked by keyboard alone.

export async function sign_in(stage, { name, path, size = 'desk' }) {
  const page = await stage.enter(name, size);
  await page.goto(`${stage.url}/sign-in`);
  await page.locator('input:focus').waitFor();
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
  await page.keyboard.type(`demo-${name}`);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname !== '/sign-in');
  if (new URL(page.url()).pathname !== path) await page.goto(`${stage.url}${path}`);
  await page.locator('#main, .box').first().waitFor();
}

export async function look_at_sign_in(stage) {
  const page = await stage.enter('sign-in', 'desk');
  await page.goto(`${stage.url}/sign-in`);
  await page.locator('input:focus').waitFor();
}

/** For somebody without a page of his own. */
export async function sign_in_quietly(stage, { name }) {
  const page = await stage.enter(name, 'desk');
  await page.goto(`${stage.url}/sign-in`);
  const status = await page.evaluate(async (username) => {
    const body = JSON.stringify({ username, password: `demo-${username}` });
    const answer = await fetch('/api/v1/sessions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return answer.status;
  }, name);
  if (status !== 201) throw new Error(`${name} cannot sign in: ${status}`);
}

const press = async (page, ...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};

/**
 * Presses until something is there: while an answer is on its way a page takes no second order, as a person
 * notices who presses again. `still` says whether pressing again makes sense.
 */
async function pressUntil(page, key, there, still = async () => true) {
  for (let tries = 0; ; tries += 1) {
    if (tries === 0 || (await still())) await page.keyboard.press(key);
    try {
      return await there.first().waitFor({ timeout: 4000 });
    } catch (error) {
      if (tries === 4) throw error;
    }
  }
}

/** The window by its digit, then F2. */
export async function open_window(stage, { page: name, window }) {
  const page = stage.page(name);
  await page.getByText('今天坐哪个窗口').waitFor();
  // The keys act as soon as the windows are there.
  const open = page.getByRole('button', {
    name: new RegExp(`打开 ${window} 号窗口`),
  });
  await pressUntil(page, String(window), open);
  await press(page, 'F2');
  await page.getByRole('heading', { name: `${window} 号窗口` }).waitFor();
}

export async function call_next(stage, { page: name, number }) {
  const page = stage.page(name);
  await pressUntil(page, 'F2', page.getByText('请过来'));
  await called(stage, { page: name, number });
}

export async function called(stage, { page: name, number }) {
  const page = stage.page(name);
  await page.locator('aside.q .no').filter({ hasText: number }).first().waitFor();
  await page.getByText('请过来').first().waitFor();
}

export async function recall(stage, { page: name }) {
  const page = stage.page(name);
  const answered = page.waitForResponse((response) => response.url().endsWith('/recall') && response.ok());
  await press(page, 'F4');
  await answered;
}

export async function start(stage, { page: name }) {
  const page = stage.page(name);
  const isCalled = () => page.locator('aside.q').getByText('请过来').first().isVisible();
  await pressUntil(page, 'Enter', page.locator('aside.q').getByText('办理中'), isCalled);
}

/** Finds a matter by its letters, fills in the applicant and takes the materials, all by keyboard. */
export async function fill_case(stage, { page: name, query, matter, situations = [], applicant, materials }) {
  const page = stage.page(name);
  await page.getByRole('combobox').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.press('Control+a');
  await page.keyboard.type(query);
  // The best match stands first; before that the list is still that of an earlier question.
  await page.getByRole('option').first().filter({ hasText: matter }).waitFor();
  await press(page, 'Enter');
  await page.locator('#applicant-name').waitFor();
  await page.evaluate(() => document.activeElement?.blur());
  for (const digit of situations) await press(page, String(digit));
  // The field that the form gave the focus to; a mouse was never needed.
  await page.locator('#applicant-name').focus();
  await page.keyboard.type(applicant.name);
  await press(page, 'Tab', 'Tab');
  await page.keyboard.type(applicant.id_number);
  await press(page, 'Tab');
  await page.keyboard.type(applicant.phone);
  if (applicant.email) {
    await press(page, 'Tab', 'Tab');
    await page.keyboard.type(applicant.email);
  }
  await page.evaluate(() => document.activeElement?.blur());
  const count = await page.locator('aside.m li').count();
  for (let taken = 0; taken < (materials ?? count); taken += 1) await press(page, 'Space');
  return count;
}

export async function accept(stage, { page: name }) {
  const page = stage.page(name);
  await press(page, 'Control+Enter');
  await page.getByRole('heading', { name: '受理了' }).waitFor();
  const [number, code] = await page.locator('.result .number').allInnerTexts();
  return { number, query_code: code };
}

/** The one-time notice: what lacks stands on it already. */
export async function give_notice(stage, { page: name }) {
  const page = stage.page(name);
  await press(page, 'Alt+g');
  await page.getByRole('dialog').waitFor();
  await stage.picture(name, 'desk-notice');
  await press(page, 'Control+Enter');
  await page.getByRole('dialog', { name: '一次性告知书' }).waitFor();
  await stage.picture(name, 'desk-notice-sheet');
  await press(page, 'Escape');
  await page.getByRole('heading', { name: '一次性告知发出了' }).waitFor();
  const [number] = await page.locator('.result .number').allInnerTexts();
  return { number };
}

/** After a case was taken, F2 finishes the visit as accepted and calls the next. */
export async function finish_and_call(stage, { page: name }) {
  await press(stage.page(name), 'F2');
}

export async function finish_as(stage, { page: name, digit }) {
  const page = stage.page(name);
  await pressUntil(page, 'F2', page.getByRole('dialog'));
  await press(page, String(digit), 'F2');
}

/** Alt H: a case that waits, its open materials, then accepted. */
export async function go_on_with_earlier(stage, { page: name, number }) {
  const page = stage.page(name);
  await pressUntil(page, 'Alt+h', page.getByRole('dialog'));
  await page.keyboard.type(number);
  await page.getByRole('dialog').getByRole('button').filter({ hasText: number }).click();
  await page.getByText('这次带来了').waitFor();
  for (const box of await page.getByRole('dialog').getByRole('checkbox').all()) await box.check();
  await stage.picture(name, 'desk-earlier');
  await press(page, 'Control+Enter');
  await page.getByRole('heading', { name: '受理了' }).waitFor();
}

/** F8 asks why; the same key again takes the first reason. */
export async function miss(stage, { page: name }) {
  const page = stage.page(name);
  await pressUntil(page, 'F8', page.getByRole('dialog'));
  await press(page, 'F8');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Claims the case of that number and passes it. */
export async function approve(stage, { page: name, number }) {
  const page = stage.page(name);
  const row = page.locator('[id^="case-"]').filter({ hasText: number });
  const open = page.getByRole('button', { name: /组内待领/ });
  await open.click();
  await row.first().click();
  // Marked in the list at once; what the keys decide is what stands open.
  await page.getByRole('complementary', { name: '审批' }).getByText(number).first().waitFor();
  await stage.picture(name, 'approve-open');
  await press(page, 'Control+Enter');
  await page.getByText('领到了').first().waitFor();
  await page.locator('#opinion').waitFor();
  await page.evaluate(() => document.activeElement?.blur());
  await stage.picture(name, 'approve');
  await press(page, 'Control+Enter');
  await page.getByText('通过了').first().waitFor();
}

/** Makes the certificate of a case. */
export async function make_certificate(stage, { page: name, number, certificate }) {
  const page = stage.page(name);
  await page.getByRole('button', { name: /待制证/ }).click();
  const row = page.locator('tr').filter({ hasText: number });
  await row.getByRole('button', { name: '制证' }).click();
  await page.locator('#make-number').fill(certificate);
  await stage.picture(name, 'pickup-make');
  await press(page, 'Control+Enter');
  await page.getByText(certificate).first().waitFor();
}

export async function receive(stage, { page: name, slot }) {
  const page = stage.page(name);
  await page.locator(`#slot-${slot}`).click();
  await press(page, 'Control+Enter');
  await page.getByText(`放进 ${slot} 了`).first().waitFor();
}

export async function upload_confirmed(stage, { page: name }) {
  await stage.page(name).getByText('已上传').first().waitFor({ timeout: 60_000 });
}

export async function notify(stage, { page: name, channels }) {
  const page = stage.page(name);
  for (const channel of ['短信', '电话', '站内', '邮件']) {
    const box = page.getByRole('checkbox', { name: channel });
    if ((await box.isChecked()) !== channels.includes(channel)) await box.click();
  }
  await stage.picture(name, 'pickup');
  await page.getByRole('button', { name: '通知来领' }).click();
  await page.getByText('通知发出了').first().waitFor();
}

export async function hand_over(stage, { page: name, collector }) {
  const page = stage.page(name);
  await page.locator('#collector-name').fill(collector.name);
  await page.locator('#collector-id').fill(collector.id_number);
  const pad = await page.locator('canvas').boundingBox();
  await page.mouse.move(pad.x + 30, pad.y + 40);
  await page.mouse.down();
  for (let step = 1; step < 12; step += 1) await page.mouse.move(pad.x + 30 + step * 12, pad.y + 40 + (step % 3) * 14);
  await page.mouse.up();
  await page.getByRole('checkbox', { name: /核对过/ }).check();
  await stage.picture(name, 'pickup-hand-over');
  await press(page, 'Control+Enter');
  await page.getByText('发出去了').first().waitFor();
}

/** Signed in as somebody, asks the API the way the pages do. */
export async function ask(stage, { page: name, path }) {
  return stage.page(name).evaluate(async (address) => {
    const answer = await fetch(address);
    return { status: answer.status, body: await answer.json() };
  }, path);
}
