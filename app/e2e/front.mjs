// The front page's parts, named once for the tests that look at them.

/** The groups of components. Other things fold too. */
export const groups = (page) => page.locator('details[data-group]');

/** The bars that show the days of the components, one tab stop each. */
export const bars = (page) => page.locator('[data-days]');

/** The bars that are not folded away. */
export const visibleBars = (page) => bars(page).filter({ visible: true });

/** What tells about one day of a bar. */
export const tooltip = (page) => page.locator('[role=tooltip]');

/** A day as the page writes it. */
export const date = /\b\d{1,2} [A-Z][a-z]{2,} \d{4}\b/;

export async function unfoldAll(page) {
  await page.locator('details').evaluateAll((all) => all.forEach((fold) => (fold.open = true)));
}

/** Clicks on a group's heading and waits until the page has noticed. */
export async function fold(group) {
  const noticed = group.evaluate(
    (element) => new Promise((done) => element.addEventListener('toggle', () => setTimeout(done), { once: true })),
  );
  await group.locator('> summary').click();
  await noticed;
}
