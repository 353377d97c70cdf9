// Serving at a window and what its supervisor sees of it: help, reminders, several things in a visit, a stuck window.

/** Sends a command as whoever is signed in on a page, past the page. */
export async function send(stage, { page: name, method = 'POST', path, body }) {
  const answer = await stage.page(name).evaluate(
    async ({ method, path, body }) => {
      const response = await fetch(path, {
        method,
        headers: {
          'content-type': 'application/json',
          'idempotency-key': crypto.randomUUID?.() ?? String(Math.random()),
        },
        body: JSON.stringify(body),
      });
      return {
        status: response.status,
        body: await response.json().catch(() => null),
      };
    },
    { method, path, body },
  );
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function open(page, key) {
  const dialog = page.getByRole('dialog');
  for (let tries = 0; ; tries += 1) {
    await page.keyboard.press(key);
    try {
      return await dialog.waitFor({ timeout: 4000 });
    } catch (error) {
      if (tries === 4) throw error;
    }
  }
}

/** Opens a question by its key and leaves it open. */
export async function open_dialog(stage, { page: name, key }) {
  await open(stage.page(name), key);
}

/** Answers it by a digit. */
export async function answer_dialog(stage, { page: name, digit }) {
  const page = stage.page(name);
  await page.keyboard.press(String(digit));
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Alt A: one thing more, found by its letters. */
export async function add_matter(stage, { page: name, query, matter }) {
  const page = stage.page(name);
  await open(page, 'Alt+a');
  const field = page.getByRole('dialog').getByRole('combobox');
  await field.focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type(query);
  await page.getByRole('dialog').getByRole('option').first().filter({ hasText: matter }).waitFor();
  await stage.picture(name, 'desk-add');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.locator('aside.q ol').getByText(matter).waitFor();
}

/** F2: an outcome for each thing by its digit, then F2 again. */
export async function finish_each(stage, { page: name, digits }) {
  const page = stage.page(name);
  await open(page, 'F2');
  await page.keyboard.press(String(digits[0]));
  await stage.picture(name, 'desk-finish-several');
  for (const digit of digits.slice(1)) await page.keyboard.press(String(digit));
  await page.keyboard.press('F2');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** A button by its words, on the page or in its dialog. */
export async function push(stage, { page: name, text, within }) {
  const page = stage.page(name);
  const scope = within ? page.locator(within) : page;
  await scope.getByRole('button', { name: text }).first().click();
}

/** Waits longer than a page does by itself: timers of the service run twice a minute. */
export async function see_in_time(stage, { page: name, selector, text, seconds = 60 }) {
  const found = stage.page(name).locator(selector).filter({ hasText: text }).first();
  await found.waitFor({ timeout: seconds * 1000 });
  return found.innerText();
}

/** The supervisor's question about a number that is stuck at a window. */
export async function open_stuck(stage, { page: name, number, reason }) {
  const page = stage.page(name);
  await page.locator('tr').filter({ hasText: number }).getByRole('button', { name: '处理…' }).click();
  await page.getByRole('dialog').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: reason }).click();
}

/** Chooses a window where somebody sits and takes his place. */
export async function take_over(stage, { page: name, window, reason }) {
  const page = stage.page(name);
  const button = page.getByRole('button', { name: /接替/ });
  await page.getByText('今天坐哪个窗口').waitFor();
  for (let tries = 0; tries < 5 && !(await button.isVisible()); tries += 1) {
    await page.keyboard.press(String(window));
    await button.waitFor({ timeout: 4000 }).catch(() => undefined);
  }
  await page.keyboard.press('F2');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type(reason);
  await stage.picture(name, 'desk-take-over');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('heading', { name: `${window} 号窗口` }).waitFor();
}

/** Marks every material of the open form as received; the person's name must be there already. */
export async function take_materials(stage, { page: at, name }) {
  const page = stage.page(at);
  const field = page.locator('#applicant-name');
  await field.waitFor();
  if ((await field.inputValue()) !== name) throw new Error('the same person must be filled in');
  await page.locator('aside.m li').first().waitFor();
  const count = await page.locator('aside.m li').count();
  await page.evaluate(() => document.activeElement?.blur());
  for (let taken = 0; taken < count; taken += 1) await page.keyboard.press('Space');
  return count;
}
