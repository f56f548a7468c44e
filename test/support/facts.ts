/** Markdown with one fact a section, each some 600 tokens long. */
export function facts(count: number): string {
  return Array.from({ length: count }, (_, n) => {
    const filler = Array.from(
      { length: 12 },
      (_, i) =>
        `The report of day ${i} in section ${n} speaks of ${(n * 7919 + i * 31) % 997} crates, weather and roads, and of clerk ${i}.`,
    );
    filler.splice(5, 0, `The FACT-${n} says that pump ${2000 + n * 13} failed.`);
    return `## Section ${n}\n\n${filler.join('\n')}\n`;
  }).join('\n');
}
