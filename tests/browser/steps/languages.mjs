// Citizens' pages in their languages: choosing one, time that passes, and what is cut off.

export async function choose_language(stage, { page: name, language }) {
  const page = stage.page(name);
  await page.getByTestId(`language-${language}`).click();
  await page.locator(`[data-testid="language-${language}"][aria-pressed="true"]`).waitFor();
}

export async function choose_on_phone(stage, { page: name, language }) {
  await stage.page(name).getByTestId('language').selectOption(language);
}

export async function page_language(stage, { page: name }) {
  return stage.page(name).evaluate(() => document.documentElement.lang);
}

/** The kiosk's clock runs ahead: everything that waits comes now. */
export async function let_time_pass(stage, { page: name, seconds }) {
  await stage.page(name).evaluate((ahead) => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + ahead * 1000;
  }, seconds);
}

export async function start_page(stage, { page: name }) {
  const page = stage.page(name);
  await page.getByTestId('start').last().click();
  await page.locator('.ln').first().waitFor();
}

export async function press_line(stage, { page: name, line }) {
  await stage.page(name).locator(`.ln[data-line$="${line}"]`).click();
}

export async function open_track_page(stage, { name, code }) {
  const page = await stage.enter(name, 'phone');
  await page.goto(`${stage.url}/t/${code}`);
  await page.locator('.big .n').first().waitFor();
}

export async function go_home_on_phone(stage, { page: name }) {
  await stage.page(name).locator('.nav .brand').click();
}

/** Texts that leave their box or the screen, each with where it stands. */
export async function cut_off(stage, { page: name }) {
  return stage.page(name).evaluate(() => {
    const found = [];
    const bar = document.querySelector('.k-bar')?.getBoundingClientRect().top ?? innerHeight;
    for (const text of document.querySelectorAll('.mn, .k-main button, .k-main h1, .k-main p, .k-bar button')) {
      const box = text.getBoundingClientRect();
      if (box.width === 0 || text.closest('.sr')) continue;
      const says = (text.innerText ?? '').slice(0, 20);
      if (box.right > innerWidth + 1 || box.left < -1 || box.top < -1) found.push(`${says}: beside the screen`);
      if (box.bottom > (text.closest('.k-main') ? bar : innerHeight) + 1) found.push(`${says}: below the screen`);
      const holder = text.classList.contains('mn') ? text.closest('button, li') : null;
      if (holder === null) continue;
      const place = holder.getBoundingClientRect();
      if (box.top < place.top - 1 || box.bottom > place.bottom + 1 || box.left < place.left - 1 || box.right > place.right + 1)
        found.push(`${says}: beyond ${holder.className || holder.tagName}`);
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { nodeValue, parentElement } = texts.currentNode;
      if (/[\u1820-\u18aa]/.test(nodeValue) && !parentElement.closest('.mn, .sr, option, script, style'))
        found.push(`${nodeValue}: lies on its side`);
    }
    return [...new Set(found)];
  });
}
