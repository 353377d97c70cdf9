// The district's page: figures of all sites, the ledger, tiers; and a supervisor who reports and assesses there.

/** Where somebody lands who signs in without asking for a page. */
export async function landing(stage, { name }) {
  const page = await stage.enter(name, 'desk');
  await page.goto(`${stage.url}/sign-in`);
  await page.locator('input:focus').waitFor();
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
  await page.keyboard.type(`demo-${name}`);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname !== '/sign-in');
  await page.locator('#main').waitFor();
  return new URL(page.url()).pathname;
}

export async function district_tab(stage, { page: name, tab, ready }) {
  const page = stage.page(name);
  await page.getByRole('tab', { name: tab, exact: true }).click();
  await page.getByRole('table', { name: ready }).waitFor();
}

/** Names of the sites in the order shown, and the cells of one of them by the table's heads. */
export async function sites_shown(stage, { page: name, site }) {
  const table = stage.page(name).getByRole('table', { name: '各场所的指标' });
  await table.waitFor();
  const names = await table.locator('tbody th a').allInnerTexts();
  const heads = await table.locator('thead .explain').allInnerTexts();
  const row = table.locator('tbody tr').filter({ has: stage.page(name).getByRole('link', { name: site }) });
  const cells = await row.locator('.cell .value').allInnerTexts();
  return {
    names,
    cells: Object.fromEntries(heads.map((head, at) => [head, cells[at].trim()])),
  };
}

export async function sort_sites(stage, { page: name, figure }) {
  await stage
    .page(name)
    .getByRole('button', { name: `按${figure}排序` })
    .click();
}

/** Presses a cell and reads what its rows say. */
export async function rows_behind(stage, { page: name, site, figure, file }) {
  const page = stage.page(name);
  await page.getByRole('button', { name: new RegExp(`^${site} ${figure} `) }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('table').waitFor();
  const rows = await dialog.locator('tbody tr').allInnerTexts();
  await stage.picture(name, file);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  return rows.map((row) => row.replaceAll('\t', ' ').trim());
}

export async function explain_plan(stage, { page: name, figure }) {
  const page = stage.page(name);
  await page.locator('.kp button').filter({ hasText: figure }).click();
  return page.locator('.one-figure .text').innerText();
}

export async function report_progress(stage, { page: name, task, site, text, evidence }) {
  const page = stage.page(name);
  await page.getByRole('button', { name: `${site}：${task}，未报` }).click();
  await page.getByLabel('本周进展', { exact: true }).fill(text);
  await page.getByLabel('佐证材料（选填）').fill(evidence);
  await stage.picture(name, 'district-report');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('button', { name: `${site}：${task}，已报` }).waitFor();
}

export async function download_ledger(stage, { page: name }) {
  const page = stage.page(name);
  await page.evaluate(() => document.activeElement?.blur());
  const coming = page.waitForEvent('download');
  await page.keyboard.press('Alt+o');
  const file = await coming;
  const chunks = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return {
    name: file.suggestedFilename(),
    starts: bytes.subarray(0, 2).toString('latin1'),
    size: bytes.length,
  };
}

export async function previous_week(stage, { page: name }) {
  const page = stage.page(name);
  const before = await page.locator('.week b').innerText();
  await page.getByRole('button', { name: '上一周' }).click();
  await page.waitForFunction((was) => document.querySelector('.week b')?.textContent !== was, before);
  return { before, after: await page.locator('.week b').innerText() };
}

export async function edit_task(stage, { page: name, title, file }) {
  const page = stage.page(name);
  await page.getByRole('button', { name: '改任务' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: '加一项' }).click();
  await dialog.getByLabel('任务', { exact: true }).fill(title);
  await page.keyboard.press('Control+Enter');
  // No lead and nobody to report: both are told, what was typed stays.
  await dialog.getByText('还有 2 处要改').waitFor();
  await stage.picture(name, file);
  await dialog.getByLabel('牵头单位').fill('区政务服务局');
  await dialog.getByRole('checkbox', { name: '杏川镇便民服务中心' }).check();
  await page.keyboard.press('Control+Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: title }).first().waitFor();
}

/** Answers every point of the chosen site's checklist. */
export async function assess(stage, { page: name, site }) {
  const page = stage.page(name);
  await page.getByRole('table', { name: '各场所的等级' }).getByRole('button', { name: site }).click();
  const sheet = page.getByRole('complementary', { name: site });
  await sheet.getByRole('button', { name: '自评', exact: true }).click();
  const points = sheet.locator('li');
  for (let at = 0; at < (await points.count()); at += 1) {
    await points.nth(at).getByRole('radio', { name: '达到', exact: true }).click();
    await points.nth(at).locator('input').fill('照片 3 张');
  }
  await stage.picture(name, 'district-assess');
  await sheet.getByRole('button', { name: '交自评' }).click();
  await sheet.getByText('等区里确认').first().waitFor();
}

export async function confirm_tier(stage, { page: name, site, tier, note }) {
  const page = stage.page(name);
  await page.getByRole('table', { name: '各场所的等级' }).getByRole('button', { name: site }).click();
  const sheet = page.getByRole('complementary', { name: site });
  await sheet.getByLabel('确认为').selectOption({ label: tier });
  if (note) await sheet.getByLabel('为什么比自评低').fill(note);
  await sheet.getByRole('button', { name: '确认', exact: true }).click();
  await sheet.getByText('已确认').first().waitFor();
}
