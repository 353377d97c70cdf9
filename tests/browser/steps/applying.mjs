// Applying online on a phone, and the pre-check and the window that finish it.

export async function open_apply(stage, { page: name = 'applicant', size = 'phone', path }) {
  const page = stage.pages.get(name) ?? (await stage.enter(name, size));
  await page.goto(`${stage.url}${path}`);
  await page.locator('#main').waitFor();
  await page.locator('h1:not(:text("正在打开"))').first().waitFor();
}

/** The first answer to each question. */
export async function choose_situations(stage, { page: name = 'applicant' }) {
  const page = stage.page(name);
  await page.locator('.ask').first().waitFor();
  for (const question of await page.locator('.ask').all()) await question.locator('button').first().click();
}

export async function fill_applicant(stage, { page: name = 'applicant', person }) {
  const page = stage.page(name);
  for (const [field, text] of Object.entries(person)) await page.locator(`[id="applicant.${field}"]`).fill(text);
  await page.locator('[id="applicant.phone"]').blur();
}

export async function applicant_is(stage, { page: name = 'applicant' }) {
  const page = stage.page(name);
  const value = (field) => page.locator(`[id="applicant.${field}"]`).inputValue();
  return {
    name: await value('name'),
    id_number: await value('id_number'),
    phone: await value('phone'),
  };
}

export async function have_all(stage, { page: name = 'applicant' }) {
  const page = stage.page(name);
  await page.locator('.have li').first().waitFor();
  for (const one of await page.locator('.have li').all()) await one.locator('label').first().click();
}

/** What has the focus, by its id. */
export async function focus_is(stage, { page: name = 'applicant' }) {
  return stage.page(name).evaluate(() => document.activeElement?.id ?? '');
}

export async function type_code(stage, { page: name = 'applicant', code }) {
  const page = stage.page(name);
  await page.locator('#citizen-code').fill(code);
  await page.getByTestId('enter').click();
}

/** Waits until the page shows the receipt in this step; answers the query code. */
export async function receipt(stage, { page: name = 'applicant', at }) {
  const page = stage.page(name);
  await page.locator(`[data-testid="status"][data-step="${at}"]`).waitFor();
  return {
    code: await page.getByTestId('query-code').innerText(),
    qr: await page.locator('.pass svg').getAttribute('data-text'),
    url: page.url(),
  };
}

/** The session ends: its cookie is gone, what lies on the phone stays. */
export async function session_ends(stage, { page: name = 'applicant' }) {
  await stage.page(name).context().clearCookies();
}

export async function wait_saved(stage, { page: name = 'applicant', text }) {
  await stage.page(name).getByTestId('saved').filter({ hasText: text }).waitFor();
}

/** At the desk: the dialog of online applications, on one of its steps. */
export async function open_online(stage, { page: name, at }) {
  const page = stage.page(name);
  await page.getByTestId('online').click();
  await page.getByRole('dialog').waitFor();
  if (at) await page.locator(`.tabs [data-step="${at}"]`).click();
  await page.locator('[data-application]').first().waitFor();
}

export async function pick_online(stage, { page: name }) {
  const page = stage.page(name);
  await page.locator('[data-application]').first().click();
  await page.getByRole('dialog').locator('.facts').waitFor();
  return page.getByRole('dialog').innerText();
}

/** By the code that the applicant shows. */
export async function find_online(stage, { page: name, code }) {
  const page = stage.page(name);
  await page.locator('#online-query').fill(code);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').locator('.facts').waitFor();
  await stage.picture(name, 'online-found');
}

export async function say_supplement(stage, { page: name, text }) {
  const page = stage.page(name);
  await page.getByTestId('supplement').click();
  await page.locator('#online-text').fill(text);
  await stage.picture(name, 'online-supplement');
  await page.keyboard.press('Control+Enter');
  await page.locator('#online-text').waitFor({ state: 'detached' });
}

/** Ticks every material at the desk and accepts. */
export async function take_in_and_accept(stage, { page: name }) {
  const page = stage.page(name);
  await page.locator('.sheet').waitFor();
  const missing = page.locator('aside.m li button[aria-checked="false"]');
  while ((await missing.count()) > 0) await missing.first().click();
  await stage.picture(name, 'online-window');
  await page.keyboard.press('Control+Enter');
  await page.getByText('受理了，办件编号').first().waitFor();
}

/** Asks for a code again as soon as the page lets. */
export async function retry_code(stage, { page: name = 'applicant' }) {
  const page = stage.page(name);
  for (let tries = 0; tries < 5; tries += 1) {
    const answered = page.waitForResponse((response) => response.url().endsWith('/citizens/codes'), { timeout: 80_000 });
    await page.getByTestId('send-code').click({ timeout: 70_000 });
    if ((await answered).status() === 201) return;
  }
  throw new Error('no second code');
}

/** Somebody without a number sits down and is served. */
export async function walk_in_and_start(stage, { page: name }) {
  const page = stage.page(name);
  await page.keyboard.press('Alt+w');
  const which = page.getByRole('dialog');
  const search = page.getByRole('combobox').first();
  await which.or(search).first().waitFor();
  if (await which.isVisible()) await page.keyboard.press('1');
  await search.waitFor();
}

export async function list_is_there(stage, { page: name = 'applicant' }) {
  await stage.page(name).locator('.entries, .empty').first().waitFor();
}

/** Types into the list's search and answers the names that it shows; without a query only those. */
export async function find_in_list(stage, { page: name = 'applicant', query }) {
  const page = stage.page(name);
  await page.locator('.entries li').first().waitFor();
  if (query !== undefined) {
    const answered = page.waitForResponse((response) => response.url().includes(`query=${query}`));
    await page.locator('input[name="query"]').fill(query);
    await answered;
    await page.waitForTimeout(200);
    await stage.picture(name, 'list-found');
  }
  return page.locator('.entries .name').allInnerTexts();
}

export async function print_picture(stage, { page: name, file }) {
  const page = stage.page(name);
  await page.emulateMedia({ media: 'print' });
  await stage.picture(name, file);
  await page.emulateMedia({ media: null });
}

/** Takes a photo of the first material, and waits until it is there. */
export async function shoot(stage, { page: name = 'applicant', file, base64 }) {
  const page = stage.page(name);
  const box = page.locator('.photos').first();
  await box.waitFor();
  await box.locator('input[type=file]').setInputFiles({
    name: file,
    mimeType: 'image/png',
    buffer: Buffer.from(base64, 'base64'),
  });
  await box.locator('.shots a, .field-error').first().waitFor();
  return box.innerText();
}
