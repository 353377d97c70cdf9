// Taking numbers beyond one touch: several matters on one number, a lost slip found at the kiosk and at the
// guide desk.

/** The kiosk page with this token, served by the server itself. */
export async function open_kiosk_here(stage, { name = 'kiosk', token, width = 1080, height = 1920 }) {
  const page = await stage.enter(name, 'kiosk', {
    storage: { yichuang_device_token: token },
  });
  await page.setViewportSize({ width, height });
  await page.goto(`${stage.url}/kiosk`);
  await page.locator('.ln').first().waitFor();
}

export async function touch(stage, { page: name, id }) {
  await stage.page(name).getByTestId(id).click();
}

const typeKeys = async (page, keys) => {
  for (const key of keys) await page.locator('.keys').getByRole('button', { name: key, exact: true }).click();
};

/** Types the beginning of a matter on the screen and opens the one of that name. */
export async function kiosk_matter(stage, { page: name, keys, matter }) {
  const page = stage.page(name);
  await typeKeys(page, keys);
  await page.locator('[data-matter]').filter({ hasText: matter }).first().click();
  await page.getByRole('heading', { name: matter }).waitFor();
}

export async function kiosk_picked(stage, { page: name }) {
  const rows = stage.page(name).locator('[data-picked]');
  await rows.first().waitFor();
  return rows.allInnerTexts();
}

export async function kiosk_number(stage, { page: name }) {
  const number = stage.page(name).getByTestId('number');
  await number.waitFor();
  return {
    number: (await number.innerText()).trim(),
    tracking_code: await number.getAttribute('data-tracking'),
  };
}

/** Looks a lost slip up by phone, document or code; what the screen says. */
export async function kiosk_find(stage, { page: name, way, keys }) {
  const page = stage.page(name);
  await page.locator(`[data-way="${way}"]`).click();
  await typeKeys(page, keys);
  await page.getByTestId('look').click();
  await page.locator('[data-found], .trouble').first().waitFor();
  return page.locator('.k-main').innerText();
}

/** A scanner at the kiosk: the whole address, then Enter. */
export async function kiosk_scan(stage, { page: name, address }) {
  const page = stage.page(name);
  await page.keyboard.type(address);
  await page.keyboard.press('Enter');
  await page.locator('[data-found]').first().waitFor();
  return page.locator('.k-main').innerText();
}

/** Keys pressed where the focus is. */
export async function press_keys(stage, { page: name, keys }) {
  for (const key of keys) await stage.page(name).keyboard.press(key);
}

/** At the guide desk: matters by keyboard, then the number. */
export async function guide_takes(stage, { page: name, queries, phone }) {
  const page = stage.page(name);
  for (const [query, matter] of queries) {
    await page.keyboard.press('/');
    const field = page.locator('[data-search]');
    await field.fill(query);
    await page.getByRole('option').filter({ hasText: matter }).first().waitFor();
    await page.waitForFunction((wanted) => document.querySelector('[role="option"]')?.textContent?.includes(wanted), matter);
    await field.press('Enter');
    await page.locator('.picked').getByText(matter).first().waitFor();
    await field.blur();
  }
  if (phone) await page.locator('#guide-phone').fill(phone);
  await page.keyboard.press('Control+Enter');
}

export async function guide_took(stage, { page: name }) {
  const taken = stage.page(name).getByTestId('taken');
  await taken.waitFor();
  return taken.innerText();
}

export async function staff_finds(stage, { page: name, text }) {
  const page = stage.page(name);
  await page.keyboard.press('Alt+l');
  await page.locator('#lost-text').fill(text);
  await page.locator('#lost-text').press('Enter');
  await page.locator('[data-found], #lost-msg:not(:empty)').first().waitFor();
  return page.locator('section[aria-label="找号、补打"]').innerText();
}

export async function type_on_kiosk(stage, { page: name, way, keys }) {
  const page = stage.page(name);
  await page.locator(`[data-way="${way}"]`).click();
  await typeKeys(page, keys);
}

/** Takes the matter away that does not go together with the others. */
export async function drop_wrong(stage, { page: name }) {
  const page = stage.page(name);
  await page.locator('.wrong').getByRole('button', { name: '去掉' }).first().click();
  await page.locator('.wrong').first().waitFor({ state: 'detached' });
}

export async function press_button(stage, { page: name, word }) {
  await stage.page(name).getByRole('button', { name: word }).first().click();
}

/** Enters a paper number; `visit` when it is over. */
export async function enter_paper(stage, { page: name, number, line, came, visit }) {
  const page = stage.page(name);
  await page.keyboard.press('Alt+k');
  await page.locator('#paper-number').fill(number);
  await page.locator('#paper-line').selectOption({ label: line });
  await page.locator('#paper-came').fill(came);
  if (visit) {
    await page.getByLabel('已经办完了').check();
    await page.locator('#paper-window').selectOption({ label: `${visit.window} 号` });
    await page.locator('#paper-started').fill(visit.started);
    await page.locator('#paper-ended').fill(visit.ended);
  }
  await page.locator('#paper-came').press('Enter');
}

export async function paper_entered(stage, { page: name, number }) {
  const row = stage.page(name).locator(`[data-entered="${number}"]`);
  await row.waitFor();
  return row.innerText();
}

/** The kiosk shows the code for phones; the address in it. */
export async function kiosk_phone_code(stage, { page: name }) {
  const page = stage.page(name);
  await page.getByTestId('phone').click();
  await page.locator('.phone-code svg').waitFor();
  return page.locator('.phone-code').getAttribute('data-url');
}

/** A phone opens an address. */
export async function open_take_page(stage, { name, url, size = 'phone' }) {
  const page = await stage.enter(name, size);
  await page.goto(url);
  await page.locator('form, .empty').first().waitFor();
}

/** Picks matters on the phone, writes the number and presses 取号. */
export async function phone_takes(stage, { page: name, matters = [], line, phone }) {
  const page = stage.page(name);
  for (const [query, matter] of matters) {
    await page.locator('[name="query"]').fill(query);
    await page.locator('[data-matter]').filter({ hasText: matter }).first().click();
    await page.locator('.picked').getByText(matter).first().waitFor();
  }
  if (line) await page.locator('.line').filter({ hasText: line }).click();
  await page.locator('[name="phone"]').fill(phone);
  await page.getByTestId('take-by-phone').click();
}

/** The page of the number. */
export async function phone_has(stage, { page: name }) {
  const page = stage.page(name);
  await page.waitForURL((url) => url.pathname.startsWith('/t/'));
  await page.locator('.big .n').first().waitFor();
  return page.locator('.big').innerText();
}
