// A citizen's phone: the slip's code opens one timeline, and ends in a rating that nobody gives for him.

export async function open_phone(stage, { url }) {
  const page = await stage.enter('phone', 'phone');
  await page.goto(url);
  await page.locator('#main').waitFor();
}

export async function open_portal(stage) {
  const page = await stage.enter('portal', 'phone');
  await page.goto(`${stage.url}/`);
  await page.locator('option').filter({ hasText: '白桦镇' }).first().waitFor({ state: 'attached' });
}

export async function hero(stage) {
  const page = stage.page('phone');
  await page.getByTestId('hero').waitFor();
  return page.getByTestId('hero').innerText();
}

/** Waits until the timeline says it; answers all of it. */
export async function timeline_says(stage, { text, timeout = 30_000 }) {
  const page = stage.page('phone');
  await page.locator('.track').getByText(text).first().waitFor({ timeout });
  return page.locator('main').innerText();
}

export async function rate_on_phone(stage, { subject, level, reason }) {
  const page = stage.page('phone');
  const card = page.locator(`.ev[data-subject="${subject}"]`).first();
  await card.locator(`[data-level="${level}"]`).click();
  if (reason) await card.locator(`[data-reason="${reason}"]`).click();
  await stage.picture('phone', `phone-rate-${subject}`);
  await card.getByTestId('submit-evaluation').click();
  await card.getByText('评价过了').waitFor();
}
