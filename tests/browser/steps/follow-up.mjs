// Negative ratings and complaints: a citizen's phone, the supervisor's board, the clerk's own page.

export async function open_tracking(stage, { page: name, code }) {
  const page = await stage.enter(name, 'phone');
  await page.goto(`${stage.url}/t/${code}`);
  await page.locator('.ev').first().waitFor();
}

export async function rate_badly(stage, { page: name, level, reasons, text }) {
  const page = stage.page(name);
  const card = page.locator('.ev').first();
  await card.locator(`[data-level="${level}"]`).click();
  for (const reason of reasons) await card.locator(`[data-reason="${reason}"]`).click();
  await card.locator('textarea').fill(text);
  await card.getByTestId('submit-evaluation').click();
  await card.getByText('评价过了').waitFor();
}

/** Goes down the board with J until the open one says it; answers all that it says. */
export async function choose_rating(stage, { page: name, text, most = 12 }) {
  const page = stage.page(name);
  await page.locator('.rating').first().waitFor();
  await page.evaluate(() => document.activeElement?.blur());
  const detail = page.locator('.detail');
  for (let tries = 0; tries < most; tries += 1) {
    await detail.waitFor();
    const said = await detail.innerText();
    if (said.includes(text)) return said;
    await page.keyboard.press('J');
  }
  throw new Error(`no rating says ${text}`);
}

/** Fills the open question: a digit for the choice, then the words, then Ctrl Enter. */
export async function take_step(stage, { page: name, digit, text }) {
  const page = stage.page(name);
  const dialog = page.getByRole('dialog');
  if (digit) await page.keyboard.press(String(digit));
  if (text) await dialog.locator('textarea, input:not([type="date"])').first().fill(text);
  await page.keyboard.press('Control+Enter');
  await dialog.waitFor({ state: 'detached' });
}

export async function choose_site(stage, { page: name, site }) {
  const page = stage.page(name);
  await page.locator('select.site').selectOption(site);
}

export async function open_complaint(stage, { page: name, site }) {
  const page = await stage.enter(name, 'phone');
  await page.goto(`${stage.url}/?site=${site}`);
  await page.getByRole('link', { name: '哪里没办好' }).click();
  await page.getByTestId('complain').waitFor();
  await page.locator('option').filter({ hasText: '白桦镇' }).first().waitFor({ state: 'attached' });
}

/** Fills what is given and sends it; answers what the page says then. */
export async function send_complaint(stage, { page: name, kind, text, phone }) {
  const page = stage.page(name);
  if (kind) await page.locator(`[data-kind="${kind}"]`).click();
  if (text) await page.locator('#complain-text').fill(text);
  if (phone) await page.locator('#complain-phone').fill(phone);
  await page.getByTestId('complain').click();
  await page.locator('.field-error:not(:empty), [data-testid="complaint-filed"]').first().waitFor();
  return page.locator('main').innerText();
}

export async function complaint_filed(stage, { page: name }) {
  const page = stage.page(name);
  await page.getByTestId('complaint-filed').waitFor();
  return {
    number: await page.getByTestId('complaint-number').innerText(),
    code: await page.getByTestId('complaint-code').innerText(),
  };
}

export async function find_complaint(stage, { page: name, number, code }) {
  const page = stage.page(name);
  await page.getByRole('link', { name: '去看答复' }).click();
  await page.locator('[name="number"]').fill(number);
  await page.locator('[name="query_code"]').fill(code);
  await page.getByRole('button', { name: '看答复' }).click();
  await page.getByTestId('complaint-answer').waitFor();
  return page.getByTestId('complaint-answer').innerText();
}
