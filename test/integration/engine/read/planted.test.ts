import { checkPlanted, kinds, text } from '../../../support/plantedLog.ts';

describe('planted records in a log of 20 MB', () => {
  it('shows warnings of one rare form, outlying numbers and levels, 20 of 20', async () => {
    for (const name of ['twenty warnings of one rare form', 'an outlying number', 'a usual message at another level'])
      await checkPlanted(20_000_000, 46_000, text, kinds[name] as (typeof kinds)[string]);
  }).timeout(60_000);
});
