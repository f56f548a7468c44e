/** Lexical rules of a language. */
export interface Lexis {
  readonly line: readonly string[];
  readonly block: readonly (readonly [string, string])[];
  /** Strings that end on their line. */
  readonly quotes: string;
  /** Strings that may span lines, longest first. */
  readonly long: readonly (readonly [string, string])[];
  /** Whether braces delimit blocks, rather than indentation. */
  readonly braces: boolean;
  /** Whether `'` begins a character; alone it is a lifetime, type variable or transpose. */
  readonly characters?: boolean;
  /** Whether `/` may begin a regular expression. */
  readonly regex?: boolean;
  readonly nests?: boolean;
}

const slashes = { line: ['//'], block: [['/*', '*/']], quotes: '"\'', long: [], braces: true } as const;
const tripled = { ...slashes, long: [['"""', '"""']] } as const;
const hashed = { line: ['#'], block: [], quotes: '"\'', long: [], braces: false } as const;

const families: readonly (readonly [string, Lexis])[] = [
  [
    'c cpp objective-c objective-cpp cuda-cpp hlsl glsl proto proto3 solidity verilog systemverilog',
    { ...slashes, characters: true, long: [['R"(', ')"']] },
  ],
  [
    'csharp',
    {
      ...slashes,
      characters: true,
      long: [
        ['"""', '"""'],
        ['@"', '"'],
      ],
    },
  ],
  [
    'java groovy dart',
    {
      ...tripled,
      long: [
        ['"""', '"""'],
        ["'''", "'''"],
      ],
    },
  ],
  ['kotlin scala swift', { ...tripled, characters: true, nests: true }],
  [
    'javascript javascriptreact typescript typescriptreact vue svelte astro',
    { ...slashes, long: [['`', '`']], regex: true },
  ],
  ['go', { ...slashes, characters: true, long: [['`', '`']] }],
  [
    'rust',
    {
      ...slashes,
      quotes: '',
      characters: true,
      nests: true,
      long: [
        ['##"', '"##'],
        ['#"', '"#'],
        ['"', '"'],
      ],
    },
  ],
  ['zig', { ...slashes, block: [] }],
  ['php', { ...slashes, line: ['//', '#'] }],
  ['css scss less stylus', { ...slashes, line: [] }],
  [
    'python cython starlark gdscript',
    {
      ...hashed,
      long: [
        ['"""', '"""'],
        ["'''", "'''"],
      ],
    },
  ],
  ['ruby crystal', { ...hashed, block: [['=begin', '=end']] }],
  ['elixir julia', { ...hashed, long: [['"""', '"""']] }],
  [
    'nim coffeescript',
    {
      ...hashed,
      block: [
        ['#[', ']#'],
        ['###', '###'],
      ],
      long: [['"""', '"""']],
    },
  ],
  ['perl r tcl awk nix', { ...hashed, braces: true }],
  ['terraform hcl', { ...slashes, line: ['#', '//'] }],
  [
    'powershell',
    {
      ...hashed,
      block: [['<#', '#>']],
      braces: true,
      long: [
        ['@"', '"@'],
        ["@'", "'@"],
      ],
    },
  ],
  ['shellscript shell bash fish makefile dockerfile cmake yaml dockercompose toml properties ini dotenv', hashed],
  ['lua', { line: ['--'], block: [['--[[', ']]']], quotes: '"\'', long: [['[[', ']]']], braces: false }],
  ['sql plsql', { line: ['--'], block: [['/*', '*/']], quotes: '', long: [["'", "'"]], braces: false }],
  [
    'haskell elm purescript',
    { line: ['--'], block: [['{-', '-}']], quotes: '"', long: [], braces: false, characters: true, nests: true },
  ],
  [
    'fsharp ocaml pascal',
    { line: ['//'], block: [['(*', '*)']], quotes: '"', long: [['"""', '"""']], braces: false, characters: true },
  ],
  [
    'clojure lisp scheme racket elisp',
    { line: [';'], block: [['#|', '|#']], quotes: '', long: [['"', '"']], braces: false },
  ],
  ['html xml xsl svg handlebars razor', { line: [], block: [['<!--', '-->']], quotes: '', long: [], braces: false }],
  ['erlang matlab prolog', { line: ['%'], block: [], quotes: '"', long: [], braces: false, characters: true }],
  ['vb vbscript', { line: ["'"], block: [], quotes: '"', long: [], braces: false }],
  ['fortran fortran-modern', { line: ['!'], block: [], quotes: '"\'', long: [], braces: false }],
];

const byLanguage = new Map(families.flatMap(([ids, lexis]) => ids.split(' ').map((id) => [id, lexis] as const)));

const byExtension: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'c:c h:c cc:cpp cpp:cpp cxx:cpp hpp:cpp hh:cpp m:objective-c mm:objective-cpp cu:cuda-cpp cs:csharp java:java groovy:groovy gradle:groovy ' +
    'dart:dart kt:kotlin kts:kotlin scala:scala swift:swift js:javascript mjs:javascript cjs:javascript jsx:javascript ts:typescript mts:typescript ' +
    'cts:typescript tsx:typescript vue:vue svelte:svelte go:go rs:rust zig:zig php:php css:css scss:scss less:less py:python pyi:python pyx:cython ' +
    'rb:ruby cr:crystal ex:elixir exs:elixir jl:julia nim:nim coffee:coffeescript pl:perl pm:perl r:r tcl:tcl awk:awk nix:nix tf:terraform hcl:hcl ' +
    'ps1:powershell psm1:powershell sh:shellscript bash:shellscript zsh:shellscript fish:fish mk:makefile cmake:cmake lua:lua sql:sql hs:haskell ' +
    'elm:elm fs:fsharp ml:ocaml mli:ocaml pas:pascal clj:clojure cljs:clojure lisp:lisp scm:scheme rkt:racket el:elisp erl:erlang pro:prolog ' +
    'vb:vb vbs:vb f90:fortran f95:fortran proto:proto sol:solidity v:verilog sv:systemverilog glsl:glsl hlsl:hlsl html:html htm:html xml:xml xsl:xsl ' +
    'yml:yaml yaml:yaml toml:toml ini:ini cfg:ini conf:ini properties:properties env:dotenv json:json jsonc:jsonc rst:restructuredtext ' +
    'adoc:asciidoc asciidoc:asciidoc tex:latex'
  )
    .split(' ')
    .map((pair) => pair.split(':') as [string, string]),
);

/** Returns undefined for files without a known structure. */
export function findLanguage(name: string): string | undefined {
  const file = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).toLowerCase();
  if (/^(?:gnu)?makefile$/.test(file)) return 'makefile';
  if (/^(?:docker|container)file/.test(file)) return 'dockerfile';
  const dot = file.lastIndexOf('.');
  return dot < 0 ? undefined : byExtension[file.slice(dot + 1)];
}

/** Unknown languages get C's comments and nesting by indentation. */
export function getLexis(languageId: string | undefined, name: string): Lexis {
  const known = byLanguage.get(languageId ?? '') ?? byLanguage.get(findLanguage(name) ?? '');
  return known ?? { ...slashes, braces: true, characters: true };
}

/** Whether the id is in the table. */
export const isCodeLanguage = (languageId: string) => byLanguage.has(languageId);
