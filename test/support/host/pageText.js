/**
 * Runs inside the panel's page (plain JavaScript, given to the browser as text): the page as a person reads it,
 * with Markdown's own signs. The result is a PanelText of panelPage.ts.
 */
() => {
  const seen = (element) => element !== null && element !== undefined && element.checkVisibility();
  const inline = (node) => {
    if (node instanceof HTMLElement && !seen(node)) return '';
    if (node instanceof HTMLElement && node.matches('.cite')) return `[${node.dataset.citation}]`;
    return node.hasChildNodes() ? [...node.childNodes].map(inline).join('') : (node.textContent ?? '');
  };
  const flat = (node) => inline(node).replace(/\s+/g, ' ').trim();
  const isList = (element) => /^[UO]L$/.test(element.tagName);
  const list = (element, depth) =>
    [...element.children].flatMap((item, index) => {
      const nested = [...item.children].filter(isList);
      const own = [...item.childNodes]
        .filter((child) => !nested.includes(child))
        .map(inline)
        .join('');
      const mark = element.tagName === 'OL' ? `${index + 1}.` : '-';
      const line = `${'  '.repeat(depth)}${mark} ${own.replace(/\s+/g, ' ').trim()}`;
      return [line, ...nested.flatMap((child) => list(child, depth + 1))];
    });
  const block = (element) => {
    if (!seen(element)) return [];
    const heading = /^H([1-6])$/.exec(element.tagName);
    if (heading) return ['', `${'#'.repeat(Number(heading[1]))} ${flat(element)}`, ''];
    if (isList(element)) return [...list(element, 0), ''];
    if (element.tagName === 'PRE')
      return [
        ...element.textContent
          .trimEnd()
          .split('\n')
          .map((line) => `    ${line}`),
        '',
      ];
    if (element.tagName === 'TABLE') {
      return [...[...element.querySelectorAll('tr')].map((row) => [...row.children].map(flat).join(' | ')), ''];
    }
    if (/^(P|BLOCKQUOTE|HR)$/.test(element.tagName) || element.children.length === 0) return [flat(element), ''];
    return [...element.children].flatMap(block);
  };
  const shown = (selector) => [...document.querySelectorAll(selector)].find(seen);
  const article = document.querySelector('article');
  const alert = [...document.querySelectorAll('[role="alert"]')].find((one) => seen(one) && flat(one) !== '');
  const sentence = alert?.querySelector('p, .banner-text, span') ?? alert;
  const running = shown('[data-action="cancel"]') !== undefined;
  // the page names its last phase only once all of the text is drawn
  const isDrawn = /^(done|partial|failed|cancelled)$/.test(document.querySelector('main[data-phase]')?.dataset.phase);
  const ended = !running && isDrawn && (shown('[data-action="runAgain"]') !== undefined || alert !== undefined);
  const text = (article && seen(article) ? [...article.children].flatMap(block) : []).join('\n');
  return {
    text: text.replace(/\n{3,}/g, '\n\n').trim(),
    phase: running ? 'running' : ended ? 'ended' : '',
    error: sentence ? flat(sentence) : undefined,
    status: flat(document.querySelector('[role="status"]') ?? document.createElement('p')),
    facts: [...document.querySelectorAll('.facts li')]
      .map(flat)
      .filter((fact) => fact !== '')
      .join(' · '),
  };
};
