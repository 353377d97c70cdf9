// The people of a hall: contracts, the week's roster, leaves, lists of people, practising, opening a centre.

const isoDay = (days = 0) => new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10);

export async function today() {
  return isoDay();
}

export async function people_tab(stage, { page: name, tab }) {
  await stage.page(name).getByRole('tab', { name: tab, exact: true }).click();
}

/** A vendor's contract that ends some days from now. */
export async function person_contract(stage, { page: name, person, vendor, days }) {
  const page = stage.page(name);
  await page.getByLabel('名册').getByRole('button', { name: person, exact: true }).click();
  await page.getByRole('button', { name: '改来源、合同' }).click();
  await page.getByRole('radio', { name: '外包' }).click();
  await page.locator('#engagement-vendor').fill(vendor);
  await page.locator('#engagement-to').fill(isoDay(days));
  await stage.picture(name, 'people-contract');
  await page.getByRole('dialog').getByRole('button', { name: /^存/ }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Somebody at a window today. */
export async function plan_seat(stage, { page: name, window, person }) {
  const page = stage.page(name);
  const cell = page.locator('td.now select').nth(window - 1);
  await cell.waitFor();
  const planned = page.waitForResponse((response) => response.url().includes('/roster/') && response.request().method() === 'PUT');
  await cell.selectOption({ label: person });
  if ((await planned).status() !== 200) throw new Error(`not planned: ${(await planned).status()}`);
}

export async function write_leave(stage, { page: name, person, cover }) {
  const page = stage.page(name);
  await page.getByRole('button', { name: '登记不在岗' }).click();
  await page.locator('#leave-staff').selectOption({ label: person });
  await page.locator('#leave-cover').selectOption({ label: cover });
  await stage.picture(name, 'people-leave');
  await page.getByRole('dialog').getByRole('button', { name: /^登记/ }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Opens the sheet of one of those who are appraised. */
export async function appraisal_of(stage, { page: name, person }) {
  await stage.page(name).getByRole('button', { name: person, exact: true }).click();
}

/** A list of people, tried and taken in; what the slips say. */
export async function import_people(stage, { page: name, text, file }) {
  const page = stage.page(name);
  await page.getByRole('button', { name: '导入名单' }).click();
  const tried = page.waitForResponse((response) => response.url().includes('/staff-imports'));
  await page.locator('input[type=file]').setInputFiles({
    name: '名单.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(text),
  });
  await tried;
  await page.locator('.view tbody tr').first().waitFor();
  await stage.picture(name, file);
  await page.getByRole('dialog').locator('footer .btn.primary').click();
  await page.locator('.slips li').first().waitFor({ timeout: 60_000 });
  return page.getByRole('dialog').innerText();
}

export async function close_slips(stage, { page: name }) {
  const page = stage.page(name);
  await page.getByRole('button', { name: '都交出去了' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

export async function begin_practice(stage, { page: name }) {
  await stage.page(name).getByRole('button', { name: '开练习' }).click();
}

export async function go_practising(stage, { page: name }) {
  const page = stage.page(name);
  await page.getByRole('button', { name: '去练习' }).first().click();
  await page.locator('.band').waitFor();
}

export async function wipe_practice(stage, { page: name }) {
  const page = stage.page(name);
  await page.getByRole('button', { name: '清掉练习…' }).click();
  await stage.picture(name, 'practice-wipe');
  await page.getByRole('dialog').getByRole('button', { name: '清掉', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

export async function copy_site(stage, { page: name, called, id, file }) {
  const page = stage.page(name);
  await page.getByRole('button', { name: '照这里开一个新的…' }).click();
  await page.locator('#copy-name').fill(called);
  await page.locator('#copy-id').fill(id);
  await stage.picture(name, file);
  await page.getByRole('dialog').getByRole('button', { name: /^建/ }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** What the server answers to whoever is signed in on a page. */
export async function get(stage, { page: name, path }) {
  return stage.page(name).evaluate(async (of) => (await fetch(of)).json(), path);
}
