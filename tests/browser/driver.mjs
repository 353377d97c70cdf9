// Drives the pages for the system test. Reads one step per line on standard input as JSON
// (`{"step": "open_kiosk", …}`) and answers with one line (`{"value": …}` or `{"error": …, "troubles": […]}`).
// What a step means lies in `steps/`; what must be true afterwards is the test's business.
import { createInterface } from 'node:readline';
import * as applying from './steps/applying.mjs';
import * as booking from './steps/booking.mjs';
import * as care from './steps/care.mjs';
import * as casePages from './steps/case-pages.mjs';
import * as catalogue from './steps/catalogue.mjs';
import * as devices from './steps/devices.mjs';
import * as district from './steps/district.mjs';
import * as files from './steps/files.mjs';
import * as figures from './steps/figures.mjs';
import * as followUp from './steps/follow-up.mjs';
import * as house from './steps/house.mjs';
import * as languages from './steps/languages.mjs';
import * as people from './steps/people.mjs';
import * as serving from './steps/serving.mjs';
import * as staff from './steps/staff.mjs';
import * as taking from './steps/taking.mjs';
import * as citizens from './steps/citizens.mjs';
import * as upstream from './steps/upstream.mjs';
import { Stage } from './stage.mjs';

const common = {
  picture: (stage, { page, file }) => stage.picture(page, file),
  violations: (stage, { page }) => stage.violations(page),
  sideways: (stage, { page }) => stage.sideways(page),
  leave: (stage, { page }) => stage.leave(page),
  resize: (stage, { page, width, height }) => stage.page(page).setViewportSize({ width, height }),
  text: (stage, { page, selector }) => stage.page(page).locator(selector).first().innerText(),
  see: (stage, { page, text }) => stage.page(page).getByText(text).first().waitFor(),
  goto: async (stage, { page, url }) => void (await stage.page(page).goto(url)),
  reload: async (stage, { page }) => void (await stage.page(page).reload()),
  troubles: (stage) => stage.troubles.splice(0),
};
const steps = {
  ...common,
  ...applying,
  ...booking,
  ...care,
  ...casePages,
  ...catalogue,
  ...devices,
  ...files,
  ...district,
  ...figures,
  ...followUp,
  ...house,
  ...languages,
  ...people,
  ...serving,
  ...staff,
  ...taking,
  ...citizens,
  ...upstream,
};

const stage = new Stage({
  url: process.env.YICHUANG_URL,
  pictures: process.env.YICHUANG_PICTURES ?? 'pictures',
});
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

try {
  await stage.open();
  say({ value: 'ready' });
} catch (error) {
  say({ error: String(error) });
  process.exit(1);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { step, ...told } = JSON.parse(line);
  try {
    if (!steps[step]) throw new Error(`no step is called ${step}`);
    say({ value: (await steps[step](stage, told)) ?? null });
  } catch (error) {
    if (told.page && stage.pages.has(told.page)) await stage.picture(told.page, `failed-${step}`).catch(() => undefined);
    say({
      error: `${step}: ${error.message ?? error}`,
      troubles: stage.troubles,
    });
  }
}
await stage.close();
