import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { eventually } from '../cli/calls.js'
import { skipBecause } from '../harness/skip-because.js'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The browser: COVEY_CHROMIUM, else the first on the path. `npm test` installs one where that is possible. */
const findChromium = (): string | undefined =>
  [
    process.env.COVEY_CHROMIUM,
    ...(process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))),
  ].find((path) => path !== undefined && canRun(path))

/** The browser for the tests of a suite, which are left out with a word where there is none. */
export const chromiumFor = (context: Mocha.Context): string =>
  findChromium() ?? skipBecause(context, 'there is no Chromium: COVEY_CHROMIUM may name one')

/** One page of a browser that is ours alone, and what went wrong in it. */
export class PageInBrowser {
  readonly page: Page
  /** Words of the console at level error, and what was thrown. */
  readonly faults: string[] = []
  readonly #browser: Browser
  readonly #folder: string

  private constructor(browser: Browser, page: Page, folder: string) {
    this.#browser = browser
    this.page = page
    this.#folder = folder
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text())
    })
    page.on('pageerror', (error) => this.faults.push(String(error)))
  }

  /** Opens an address. Rejects when the browser cannot be started. */
  static async open(executablePath: string, url: string): Promise<PageInBrowser> {
    const folder = mkdtempSync(join(tmpdir(), 'covey-browser-'))
    // Chromium refuses to sandbox what runs as root, as a container does.
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    const browser = await puppeteer.launch({
      executablePath,
      // It ends when the other end of its pipe is gone, whatever has become of us.
      pipe: true,
      args: [...sandbox, '--headless=new', '--disable-dev-shm-usage', '--disable-gpu'],
      userDataDir: join(folder, 'profile'),
      env: { ...process.env, TMPDIR: folder, HOME: folder },
      defaultViewport: { width: 1_440, height: 900 },
    })
    const [first] = await browser.pages()
    const opened = new PageInBrowser(browser, first ?? (await browser.newPage()), folder)
    try {
      await opened.page.goto(url)
    } catch (error) {
      await opened.close()
      throw error
    }
    return opened
  }

  /** Goes to a view by its address within the page. */
  async goTo(hash: string): Promise<void> {
    await this.page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
  }

  /** The value of an expression, in the page. */
  async value<Value>(expression: string): Promise<Value> {
    return (await this.page.evaluate(expression)) as Value
  }

  /** How many elements there are now. */
  count(selector: string): Promise<number> {
    return this.value(`document.querySelectorAll(${JSON.stringify(selector)}).length`)
  }

  /** What a reader reads in an element, or in all of the page. */
  text(selector = 'body'): Promise<string> {
    // What is drawn has no rendered text of its own; boxes in a drawing are read by what they hold.
    const read = '((found) => found?.innerText ?? found?.textContent ?? "")'
    return this.value(`${read}(document.querySelector(${JSON.stringify(selector)}))`)
  }

  /** Waits until an element says something. */
  async reads(pattern: RegExp, selector = 'body', deadlineMs = 15_000): Promise<string> {
    return eventually(
      `${selector} reads ${pattern}`,
      async () => {
        const text = await this.text(selector)
        return pattern.test(text) && text
      },
      deadlineMs,
    )
  }

  /** Waits for an element and clicks it. */
  async click(selector: string): Promise<void> {
    await this.page.locator(selector).setTimeout(15_000).click()
  }

  /** Writes into the filter of the view, in place of what stands there. */
  async filter(text: string): Promise<void> {
    await this.page.locator('[data-filter]').fill(text)
  }

  async close(): Promise<void> {
    await this.#browser.close()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
