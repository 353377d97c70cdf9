// Steps on any page by what stands in its markup: fields by selector, things to press by selector.

export async function fill_in(stage, { page: name, fields }) {
  const page = stage.page(name);
  for (const [selector, text] of Object.entries(fields)) {
    const field = page.locator(selector).first();
    if ((await field.evaluate((element) => element.tagName)) === 'SELECT') await field.selectOption(text);
    else await field.fill(text);
  }
}

export async function press_in(stage, { page: name, selector }) {
  await stage.page(name).locator(selector).first().click();
}
