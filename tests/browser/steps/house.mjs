// Those who run the house: devices and their pairing, settings, catalogue, people.

/** A code for a device, as it stands large on the page. */
export async function pairing_code(stage, { page: name, kind }) {
  const page = stage.page(name);
  await page.getByRole('radio', { name: kind }).click();
  await page.getByRole('button', { name: '取配对码' }).click();
  await page.locator('.digits').waitFor();
  return (await page.locator('.digits').innerText()).replace(/\D/g, '');
}

/** What a new device does with the code. */
export async function pair(stage, { page: name, code }) {
  return stage.page(name).evaluate(async (typed) => {
    const answer = await fetch('/api/v1/devices/pair', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: typed }),
    });
    return { status: answer.status, body: await answer.json() };
  }, code);
}

/** The row of a device, word by word; waits until it is there. */
export async function device_row(stage, { page: name, device, word }) {
  const row = stage.page(name).getByRole('row').filter({ hasText: device });
  await (word ? row.filter({ hasText: word }) : row).first().waitFor();
  return (await row.first().innerText()).replace(/\s+/g, ' ');
}

export async function move_device(stage, { page: name, device, window }) {
  const page = stage.page(name);
  await page.getByRole('row').filter({ hasText: device }).getByRole('button', { name: '换位置' }).click();
  await page.locator('#bind-window').selectOption({ label: `${window} 号窗口` });
  await page.getByRole('button', { name: '换好' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

export async function end_device(stage, { page: name, device }) {
  const page = stage.page(name);
  await page.getByRole('row').filter({ hasText: device }).getByRole('button', { name: '停用…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '停用', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

export async function admin_tab(stage, { page: name, tab, site }) {
  const page = stage.page(name);
  await page.getByRole('tab', { name: tab, exact: true }).click();
  if (site) await page.getByLabel('哪个大厅').selectOption({ label: site });
}

/** Opens a group of settings and types into a field. */
export async function set_policy(stage, { page: name, group, field, value }) {
  const page = stage.page(name);
  await page.getByLabel('哪些设置').getByRole('button', { name: group }).click();
  const input = page.getByLabel(field, { exact: false }).first();
  await input.fill(value);
  await input.blur();
}

/** Plays today again; what the table says of everybody. */
export async function play_day(stage, { page: name }) {
  const page = stage.page(name);
  const answered = page.waitForResponse((response) => response.url().endsWith('/policy/what-if'));
  await page.getByRole('button', { name: '试一下' }).click();
  const status = (await answered).status();
  if (status !== 200) return { status, text: '' };
  await page.locator('.played tbody').first().waitFor();
  return {
    status,
    text: (await page.locator('.played').innerText()).replace(/\s+/g, ' '),
  };
}

export async function save_policy(stage, { page: name }) {
  const page = stage.page(name);
  const answered = page.waitForResponse((response) => response.url().endsWith('/policy') && response.request().method() === 'PUT');
  await page.locator('aside.change footer .btn.primary').click();
  return (await answered).status();
}

/** What the page says is wrong beside the fields. */
export async function field_errors(stage, { page: name }) {
  const page = stage.page(name);
  await page.locator('.form .msg').first().waitFor();
  return page.locator('.form .msg').allInnerTexts();
}

/** A catalogue file into the dialog; what it would do. */
export async function try_catalogue(stage, { page: name, text }) {
  const page = stage.page(name);
  if (!(await page.getByRole('dialog').isVisible())) await page.getByRole('button', { name: '导入…' }).click();
  const answered = page.waitForResponse((response) => response.url().includes('/catalogue-imports'));
  await page.locator('input[type=file]').setInputFiles({
    name: '事项.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(text),
  });
  await answered;
  await page.locator('.tiles').waitFor();
  return {
    tiles: (await page.locator('.tiles').innerText()).replace(/\s+/g, ' '),
    rows: await page.locator('.view tbody tr').allInnerTexts(),
    button: (await page.getByRole('dialog').locator('footer .btn.primary').innerText()).replace(/\s+/g, ' '),
  };
}

export async function import_catalogue(stage, { page: name }) {
  const page = stage.page(name);
  await page.getByRole('dialog').locator('footer .btn.primary').click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** A new account with roles; the password that is shown once. */
export async function hire(stage, { page: name, username, person, roles }) {
  const page = stage.page(name);
  await page.getByRole('button', { name: '新账号' }).click();
  await page.locator('#staff-username').fill(username);
  await page.locator('#staff-name').fill(person);
  for (const role of roles) await page.locator('label.role').filter({ hasText: role }).click();
  await stage.picture(name, 'admin-staff-form');
  await page.getByRole('button', { name: '建账号' }).click();
  await page.locator('[data-password]').waitFor();
  return page.locator('[data-password]').innerText();
}

export async function noted(stage, { page: name }) {
  await stage.page(name).getByRole('button', { name: '抄好了' }).click();
}

/** The first day of somebody new: the password given, then one's own, then the page of the work. */
export async function first_day(stage, { name, password, own, picture }) {
  const page = await stage.enter(name, 'desk');
  await page.goto(`${stage.url}/sign-in`);
  await page.locator('input:focus').waitFor();
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/password');
  await page.locator('#password-current').fill(password);
  await page.locator('#password-new').fill(own);
  await page.locator('#password-again').fill(own);
  if (picture) await stage.picture(name, picture);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname !== '/password');
  await page.locator('#main').first().waitFor();
  return new URL(page.url()).pathname;
}

/** A request of the page's own person. */
export async function tell(stage, { page: name, path, body }) {
  return stage.page(name).evaluate(
    async ([address, content]) => {
      const answer = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(content),
      });
      return { status: answer.status, body: await answer.json() };
    },
    [path, body],
  );
}
