// A plugin of TypeDoc. A page is called by its heading, and stands under the part of the documentation that its folder is. Every function and
// method must have a comment, but for those of drivers. A link to the README names its file, so that the site can be read without a server.
import { Converter, PageEvent, ReflectionKind } from 'typedoc'

const PARTS = { 'docs/recipes/': 'Recipes', 'docs/migrating/': 'Moving in', 'docs/decisions/': 'Decisions', 'docs/': 'Guide' }
const OF_DRIVERS = /^stores\/\w+\/(client|driver)\.ts$/

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
    const [, part = 'The project'] = Object.entries(PARTS).find(([folder]) => page.name.startsWith(folder)) ?? []
    page.frontmatter.category = part
    page.name = /^# (.*)$/m.exec(page.content.map(({ text }) => text).join(''))[1].replaceAll('`', '')
  })
  app.converter.on(Converter.EVENT_END, ({ project }) => {
    for (const { comment, parent, sources } of project.getReflectionsByKind(ReflectionKind.CallSignature)) {
      const isOurs = parent.kindOf(ReflectionKind.FunctionOrMethod) && !sources.some(({ fileName }) => OF_DRIVERS.test(fileName))
      if (isOurs && comment === undefined) app.logger.error(`${parent.getFullName()} has no comment`)
    }
  })
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = page.contents.replaceAll(/href="\.\.\/(#[^"]*)?"/g, 'href="../index.html$1"')
  })
}
