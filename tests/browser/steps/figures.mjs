// The page of figures, by keyboard, and the figures of the hall's page.

/** Whoever is signed in goes to another page. */
export async function goto_page(stage, { page: name, path }) {
  await stage.page(name).goto(`${stage.url}${path}`);
}

export async function choose_days(stage, { page: name, key }) {
  const page = stage.page(name);
  await page.getByRole('table').first().waitFor();
  const answered = page.waitForResponse((response) => response.url().includes('/figures?') && response.ok());
  await page.keyboard.press(key);
  await answered;
  await page.getByRole('table').first().waitFor();
}

/** Days, the sum and the names of the first table, as somebody reads them. */
export async function figures_shown(stage, { page: name }) {
  const page = stage.page(name);
  const table = page.getByRole('table', { name: '按队' });
  const cells = await table.locator('tr.whole td').allInnerTexts();
  const lines = await table.locator('tbody tr:not(.whole) th').allInnerTexts();
  const [from, to] = await page.locator('input[type=date]').evaluateAll((fields) => fields.map((field) => field.value));
  return { from, to, issued: cells[0], done: cells[1], lines };
}

/** Presses a figure and reads how it is made. */
export async function explain_figure(stage, { page: name, figure }) {
  const page = stage.page(name);
  await page.locator('.kp button').filter({ hasText: figure }).click();
  return page.locator('.defs .on dd').innerText();
}

export async function group_by(stage, { page: name, key }) {
  const page = stage.page(name);
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press(key);
  await page.getByRole('table', { name: '按窗口' }).waitFor();
}

export async function export_figures(stage, { page: name }) {
  const page = stage.page(name);
  const coming = page.waitForEvent('download');
  await page.keyboard.press('Alt+o');
  const file = await coming;
  const chunks = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk);
  return {
    name: file.suggestedFilename(),
    text: Buffer.concat(chunks).toString('utf8'),
  };
}

/** The large figures on the hall's page without their units. */
export async function hall_figures(stage, { page: name }) {
  const figures = stage.page(name).locator('.kp > button > b');
  return figures.evaluateAll((all) => all.map((one) => one.firstChild.textContent.trim()));
}
