// Files of a case: scans at the desk, the approver's view of them.

const row = (page, material) => page.locator('aside.m li').nth(material);

/** Chooses files for a material of the list. */
export async function add_scans(stage, { page: name, material, files }) {
  const page = stage.page(name);
  const chosen = files.map(({ name: file, type, base64 }) => ({
    name: file,
    mimeType: type,
    buffer: Buffer.from(base64, 'base64'),
  }));
  await row(page, material).locator('input[type=file]').setInputFiles(chosen);
  await row(page, material)
    .locator('.one')
    .nth(chosen.length - 1)
    .waitFor();
}

/** Drops a file on a material. */
export async function drop_scan(stage, { page: name, material, file }) {
  const page = stage.page(name);
  const data = await page.evaluateHandle(({ name: called, type, base64 }) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], called, { type }));
    return transfer;
  }, file);
  await row(page, material).dispatchEvent('dragover', { dataTransfer: data });
  await row(page, material).dispatchEvent('drop', { dataTransfer: data });
  await row(page, material).locator('.one').first().waitFor();
}

/** What a material says of its files: how many are in the case, and what went wrong with others. */
export async function scans(stage, { page: name, material, count }) {
  const page = stage.page(name);
  await row(page, material)
    .locator('button.pic')
    .nth(count - 1)
    .waitFor();
  const shown = await row(page, material)
    .locator('button.pic img')
    .evaluateAll((all) => Promise.all(all.map((one) => one.decode().then(() => one.naturalWidth))));
  const wrong = await row(page, material).locator('[role=alert]').allInnerTexts();
  return { shown, wrong };
}

/** Opens a case of the department by its number and takes it. */
export async function claim(stage, { page: name, number }) {
  const page = stage.page(name);
  await page.getByRole('button', { name: /组内待领/ }).click();
  await page.locator('[id^="case-"]').filter({ hasText: number }).first().click();
  await page.getByRole('complementary', { name: '审批' }).getByText(number).first().waitFor();
  await page.keyboard.press('Control+Enter');
  await page.getByText('领到了').first().waitFor();
  await page.locator('#opinion').waitFor();
  await page.evaluate(() => document.activeElement?.blur());
}

const picture = (page) => page.locator('.view .paper img');

/** V: the file of the marked material, unpacked by the browser; its width. */
export async function open_files(stage, { page: name }) {
  const page = stage.page(name);
  await page.keyboard.press('v');
  await picture(page).waitFor();
  return picture(page).evaluate((one) => one.decode().then(() => one.naturalWidth));
}

/** Presses a key and tells how the picture stands. */
export async function turn_picture(stage, { page: name, key }) {
  const page = stage.page(name);
  await page.keyboard.press(key);
  await page.waitForTimeout(200);
  return {
    transform: await picture(page).evaluate((one) => one.style.transform),
    share: await page.locator('.view .share').innerText(),
  };
}

/** The next file; whether it is the browser's own viewer that shows it. */
export async function next_file(stage, { page: name }) {
  const page = stage.page(name);
  const before = await page.locator('.view .what').innerText();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction((text) => document.querySelector('.view .what')?.innerText !== text, before);
  await page.locator('.view .paper img, .view .paper iframe').first().waitFor();
  const frame = page.locator('.view .paper iframe');
  const isFrame = (await frame.count()) > 0;
  return {
    what: await page.locator('.view .what').innerText(),
    address: isFrame ? await frame.getAttribute('src') : null,
  };
}

export async function close_files(stage, { page: name }) {
  const page = stage.page(name);
  await page.keyboard.press('Escape');
  await page.locator('.view').waitFor({ state: 'detached' });
}
