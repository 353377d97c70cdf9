// The platform above and the words of messages, as those who run the house and a clerk use them.

/** Names one matter that is entered above, and saves. */
export async function name_upstream_matter(stage, { page: name, code, link }) {
  const page = stage.page(name);
  await page.getByRole('button', { name: '加一个' }).click();
  await page.getByLabel('实施编码').last().fill(code);
  await page.getByLabel('网址', { exact: true }).last().fill(link);
  const saved = page.waitForResponse((response) => response.url().endsWith('/upstream/matters') && response.request().method() === 'PUT');
  await page.getByRole('button', { name: '保存' }).click();
  if (!(await saved).ok()) throw new Error('the list was not taken');
  await page.getByText('存好了').first().waitFor();
}

/** Serves the ticket that was called, picks a matter that is entered above, and links the number there. */
export async function link_number(stage, { page: name, matter, number }) {
  const page = stage.page(name);
  await page.keyboard.press('Enter');
  await page.locator('aside.q').getByText('办理中').first().waitFor();
  await page.getByRole('combobox').fill(matter);
  await page.getByRole('option').first().filter({ hasText: matter }).click();
  await page.getByRole('link', { name: '打开上级平台' }).waitFor();
  await page.getByLabel('上级平台的办件编号').fill(number);
  await page.getByRole('button', { name: '连上' }).click();
  await page.getByTestId('upstream-case').filter({ hasText: number }).waitFor();
}

/** Writes words and waits for what the page says to them: how they go out, or what is wrong. */
export async function write_message(stage, { page: name, text }) {
  const page = stage.page(name);
  await page.locator('[data-field="text"]').fill(text);
  await page.locator('.phone[aria-busy="false"]').waitFor();
  const wrong = page.locator('.faults').first();
  return ((await wrong.count()) ? wrong : page.locator('.bubble').first()).innerText();
}

export async function save_message(stage, { page: name }) {
  const page = stage.page(name);
  await page.getByRole('button', { name: '保存' }).click();
  await page.getByText('本场所改过').first().waitFor();
}

/** Compares both sides for the last days. */
export async function compare_sides(stage, { page: name }) {
  const page = stage.page(name);
  await page.getByRole('button', { name: '对账' }).click();
  await page.getByRole('button', { name: /现在对/ }).click();
  await page
    .getByText(/都对得上|对不上/)
    .first()
    .waitFor();
}
