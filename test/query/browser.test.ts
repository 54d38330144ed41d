import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { oidc } from '../../plugins/authentication/oidc/plugin.ts';
import { askSignIn } from '../../query/http/caller.ts';
import { useBrowser } from '../rigs/browser.ts';
import { herbarium, sheet } from '../rigs/models/herbarium.ts';
import { clients } from '../rigs/oidc/clients.ts';
import { audience } from '../rigs/oidc/configuration.ts';
import { startOidc } from '../rigs/oidc/provider.ts';
import { startService } from '../rigs/service/harness.ts';

const documents = { sheets: [sheet(1, {}, ['a']), sheet(2, {}, ['b']), sheet(3, {}, ['b'])] };

/** What the page shows of an answer. */
async function execute(page: Page): Promise<number> {
  const answered = page.waitForResponse(/\/index\/sheets/);
  await page.getByRole('button', { name: 'Execute' }).click();
  return (await (await answered).json()).pagination.total;
}

describe('The API page in a browser', () => {
  const browser = useBrowser();

  it('lets people try a request, sign in by clicking, see more, and sign out', async () => {
    await using provider = await startOidc({ people: { ann: { groups: ['b'] } } });
    const authentication = await oidc.open({
      issuer: provider.issuer,
      audience,
      signIn: { scopes: ['openid', 'read'], page: { clientId: clients.page } },
    });
    const signIn = authentication.signIn?.bind(authentication);
    if (signIn === undefined) throw new Error('People can sign in');
    await using service = await startService({
      plugin: herbarium,
      documents,
      sees: ({ groups = [] }) => ['a', ...groups],
      deps: { identify: (...of) => authentication.identify(...of), signIn: askSignIn(signIn) },
    });
    provider.allowRedirect(`${service.url}/oauth2_redirect`);
    const context = await browser().newContext();
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));

    await page.goto(service.url);
    const list = page.locator('#operations-Index-listEntities');
    await list.click();
    await list.getByRole('button', { name: 'Try it out' }).click();
    expect(await execute(page)).to.equal(1);

    await page.getByRole('button', { name: 'Authorize' }).first().click();
    const dialog = page.locator('.auth-container', { hasText: 'lazuli' });
    const opened = context.waitForEvent('page');
    await dialog.getByRole('button', { name: /Apply|Authorize/ }).click();
    const popup = await opened;
    const closed = popup.waitForEvent('close');
    await popup.getByRole('button', { name: 'ann' }).click();
    await closed;
    await dialog.getByText('Logout').waitFor();
    await page.locator('.modal-ux').getByRole('button', { name: 'Close' }).first().click();
    expect(await execute(page)).to.equal(3);

    await page.getByRole('button', { name: 'Authorize' }).first().click();
    await dialog.getByText('Logout').click();
    await page.locator('.modal-ux').getByRole('button', { name: 'Close' }).first().click();
    expect(await execute(page)).to.equal(1);
    expect(errors).to.deep.equal([]);
  });
});
