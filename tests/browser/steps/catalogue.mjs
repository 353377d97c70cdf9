// Those who keep the catalogue: drafts, their review, claims.

/** Opens a matter's editor from the list of what is in force. */
export async function edit_matter(stage, { page: name, matter }) {
  const page = stage.page(name);
  await page.getByLabel('找事项').fill(matter);
  await page.locator('.catalogue .one').filter({ hasText: matter }).first().click();
  await page.locator('.sheet h2').filter({ hasText: matter }).waitFor();
  await page.getByRole('button', { name: '改…' }).click();
  await page.locator('.editor .part').waitFor();
}

/** Another part of the editor. */
export async function editor_part(stage, { page: name, part }) {
  const page = stage.page(name);
  await page.locator('.editor nav').getByRole('button', { name: part }).click();
}

/** Types into a field by its label. */
export async function fill_label(stage, { page: name, label, value }) {
  const input = stage.page(name).getByLabel(label).first();
  await input.fill(value);
  await input.blur();
}

export async function pick_label(stage, { page: name, label, option }) {
  await stage.page(name).getByLabel(label).first().selectOption({ label: option });
}

/** Presses a button by its words; inside the dialog where one is open. */
export async function press(stage, { page: name, button }) {
  const page = stage.page(name);
  const dialog = page.getByRole('dialog');
  const place = (await dialog.isVisible()) ? dialog : page;
  await place.getByRole('button', { name: button }).first().click();
}

/** Opens a draft from the list of drafts. */
export async function open_draft(stage, { page: name, matter }) {
  const page = stage.page(name);
  await page.getByRole('tab', { name: '草稿' }).click();
  await page.getByRole('row').filter({ hasText: matter }).getByRole('button').click();
  await page.locator('.editor .part').waitFor();
}

/** What differs, line by line. */
export async function compared(stage, { page: name }) {
  const page = stage.page(name);
  await page
    .locator('.compare')
    .getByText(/处不同|两边一样/)
    .waitFor();
  return page.locator('.compare tr.changed').allInnerTexts();
}

/** Chooses a matter above in the dialog of a claim. */
export async function claim_above(stage, { page: name, matter, way, document, until }) {
  const page = stage.page(name);
  await page.getByRole('tab', { name: '认领上级的' }).click();
  await page.getByRole('button', { name: '认领…' }).click();
  await page.locator('.found button').filter({ hasText: matter }).first().click();
  await page.locator('label.way').filter({ hasText: way }).click();
  await page.locator('#claim-document').fill(document);
  await page.locator('#claim-until').fill(until);
  await stage.picture(name, 'claim-dialog');
  await page.getByRole('dialog').getByRole('button', { name: '认领' }).last().click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** The list of bundles; with a name, that one is opened. */
export async function open_bundle(stage, { page: name, bundle }) {
  const page = stage.page(name);
  await page.getByRole('tab', { name: '一件事' }).click();
  await page.locator('.bundles tbody tr').first().waitFor();
  if (bundle === undefined) return;
  await page.getByRole('row').filter({ hasText: bundle }).getByRole('button').click();
  await page.locator('.editor .part').waitFor();
}

/** Finds matters with the keyboard and puts each into the bundle. */
export async function add_members(stage, { page: name, matters }) {
  const page = stage.page(name);
  const search = page.getByLabel('找要放进来的事项');
  for (const matter of matters) {
    await search.fill(matter);
    await page.locator('.finder button').filter({ hasText: matter }).first().waitFor();
    await search.press('Enter');
    await page.getByRole('list', { name: '选好的事项' }).getByText(matter).waitFor();
  }
}

/** What stands in the part of the editor that is open. */
export async function part_says(stage, { page: name }) {
  return stage.page(name).locator('.editor .part').innerText();
}
