// Appointments: a citizen books, changes and gives up on a phone, and checks in at the kiosk.

export async function open_booking(stage, { page: name = 'booker', size = 'phone', path = '/book', site }) {
  const page = stage.pages.get(name) ?? (await stage.enter(name, size));
  await page.goto(`${stage.url}${path}${site ? `?site=${site}` : ''}`);
  await page.locator('#main').waitFor();
  await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
}

export async function choose_line(stage, { page: name = 'booker', line }) {
  const page = stage.page(name);
  await page.locator(`[data-line="${line}"]`).click();
  await page.locator('.slots button').first().waitFor();
}

/** The day by its date, then the time that begins there. */
export async function choose_slot(stage, { page: name = 'booker', starts_at }) {
  const page = stage.page(name);
  await page.locator(`.days input[value="${starts_at.slice(0, 10)}"]`).check({ force: true });
  await page.locator(`[data-starts="${starts_at}"]`).click();
}

export async function fill_holder(stage, { page: name = 'booker', holder }) {
  const page = stage.page(name);
  await page.locator('#book-name').fill(holder.name);
  await page.locator('#book-phone').fill(holder.phone);
  if (holder.id_number !== undefined) {
    if (await page.getByTestId('with-id').isVisible()) await page.getByTestId('with-id').click();
    await page.locator('#book-id_number').fill(holder.id_number);
  }
}

export async function send_booking(stage, { page: name = 'booker' }) {
  await stage.page(name).getByTestId('book').click();
}

/** Waits for the page of the appointment and answers its code. */
export async function booked(stage, { page: name = 'booker' }) {
  const page = stage.page(name);
  await page.waitForURL(/\/book\/[0-9A-Z]+$/);
  await page.locator('.pass').waitFor();
  return {
    url: page.url(),
    qr: await page.locator('.pass svg').getAttribute('data-text'),
  };
}

export async function click(stage, { page: name, testid }) {
  await stage.page(name).getByTestId(testid).click();
}

export async function press_key(stage, { page: name, key }) {
  await stage.page(name).keyboard.press(key);
}

/** At the kiosk: what was given when booking, typed on the screen; what the screen says then. */
export async function kiosk_came(stage, { page: name, keys }) {
  const page = stage.page(name);
  for (const key of keys) await page.locator('.keys').getByRole('button', { name: key, exact: true }).click();
  await page.getByTestId('look').click();
  await page.locator('.founds, .none-found, .trouble').first().waitFor();
  return page.locator('.k-main').innerText();
}

/** A scanner types like a keyboard, whatever stands on the screen. */
export async function scan(stage, { page: name, text }) {
  const page = stage.page(name);
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

/** The guide desk's appointments by keyboard: the phone number, Enter. */
export async function caller_is_found(stage, { page: name, text }) {
  const page = stage.page(name);
  await page.keyboard.press('Alt+y');
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
  // The focus goes on when it was found; what stood there before is no sign.
  await page.waitForFunction(
    () => document.activeElement?.id !== 'call-text' || document.querySelector('.caller .say')?.textContent?.trim() !== '',
  );
  return page.locator('.caller').innerText();
}

/** From the name on: Tab to the day and the time, arrows, Enter. */
export async function books_for_caller(stage, { page: name, person, later = 0 }) {
  const page = stage.page(name);
  await page.locator('#call-name:focus').waitFor();
  await page.keyboard.type(person);
  await page.locator('#call-time option:checked:not([value=""])').waitFor({ state: 'attached' });
  for (let tabs = 0; tabs < 3; tabs += 1) await page.keyboard.press('Tab');
  for (let slots = 0; slots < later; slots += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('.caller .told').waitFor();
  return page.locator('.caller .told').innerText();
}

export async function changes_for_caller(stage, { page: name }) {
  const page = stage.page(name);
  await page.locator('#call-date:focus').waitFor();
  // The next day: late in the day there may be no other time left on this one.
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction(() => {
    const [date, time] = ['#call-date', '#call-time'].map((id) => document.querySelector(id)?.value ?? '');
    return time !== '' && time.startsWith(date);
  });
  await page.keyboard.press('Tab');
  for (let slots = 0; slots < 3; slots += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('.caller .told').waitFor();
}
