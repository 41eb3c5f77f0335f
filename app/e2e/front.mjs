// The front page's parts, named once for the tests that look at them.

/** The groups of components. Other things fold too, but hold no days. */
export const groups = (page) => page.locator('details:has([data-days])');

/** The bar of each component that shows its days, one tab stop each. */
export const bars = (page) => page.locator('[data-days]');

/** The bars that are not folded away. */
export const visibleBars = (page) => bars(page).filter({ visible: true });

/** What tells about one day of a bar. */
export const tooltip = (page) => page.locator('[role=tooltip]').filter({ visible: true });

/** A date as the page writes it. */
export const date = /\b\d{1,2}\b.*\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/;

export async function unfoldAll(page) {
  await groups(page).evaluateAll((all) => all.forEach((group) => (group.open = true)));
}

/** Clicks on a group's heading and waits until the page has noticed. */
export async function fold(group) {
  const noticed = group.evaluate(
    (element) => new Promise((done) => element.addEventListener('toggle', () => setTimeout(done), { once: true })),
  );
  await group.locator('> summary').click();
  await noticed;
}
