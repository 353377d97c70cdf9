// Devices as those who run the house care for them, and the boards as the hall reads them.

const rowOf = (stage, page, device) => stage.page(page).locator('tbody tr').filter({ hasText: device }).first();

/** Opens what stands at a device's row; gives the dialog's heading. */
export async function open_at_device(stage, { page, device, button }) {
  await rowOf(stage, page, device).getByRole('button', { name: button }).click();
  const dialog = stage.page(page).getByRole('dialog');
  await dialog.waitFor();
  return dialog.getByRole('heading').first().innerText();
}

/** Presses a button in the dialog that is open. */
export async function press_in_dialog(stage, { page, button }) {
  await stage.page(page).getByRole('dialog').getByRole('button', { name: button }).first().click();
}

export async function dialog_ends(stage, { page }) {
  await stage.page(page).getByRole('dialog').waitFor({ state: 'detached' });
}

export async function fill_in_dialog(stage, { page, label, value }) {
  const field = stage.page(page).getByRole('dialog').getByLabel(label, { exact: false }).first();
  if ((await field.evaluate((element) => element.tagName)) === 'SELECT') await field.selectOption(value);
  else await field.fill(value);
}

/** Waits for the picture in the dialog; gives its size. */
export async function dialog_picture(stage, { page }) {
  const picture = stage.page(page).getByRole('dialog').locator('img').first();
  await picture.waitFor({ timeout: 40_000 });
  await picture.evaluate((image) => image.decode());
  return picture.evaluate((image) => ({ width: image.naturalWidth, height: image.naturalHeight }));
}

/** Waits until the slip in the dialog is another one than it was. */
export async function slip_is_drawn(stage, { page, not = 0 }) {
  const picture = stage.page(page).getByRole('dialog').locator('img').first();
  await stage
    .page(page)
    .waitForFunction(([image, before]) => image.naturalHeight > 0 && image.naturalHeight !== before, [await picture.elementHandle(), not]);
  return picture.evaluate((image) => ({ width: image.naturalWidth, height: image.naturalHeight }));
}

/** The board in another size, from an address. */
export async function open_screen(stage, { name, url, width, height }) {
  const page = await stage.enter(name, 'tv');
  await page.setViewportSize({ width, height });
  await page.goto(url);
}

/** Waits for a text on a screen, and that nothing of it sticks out of its box. */
export async function screen_says(stage, { page, selector, text }) {
  const place = stage.page(page).locator(selector).filter({ hasText: text }).first();
  await place.waitFor();
  return place.innerText();
}

/** Counts how often a page was loaded since it was opened. */
export async function mark_page(stage, { page }) {
  await stage.page(page).evaluate(() => {
    window.marked = true;
  });
}

export async function page_is_new(stage, { page }) {
  await stage.page(page).waitForFunction(() => window.marked === undefined, undefined, { timeout: 40_000 });
}
