// The process that children.mjs starts: `node child.mjs <module> <function> <input as JSON>`. A function that returns `{ port, ask }` is a
// server: it is asked what is sent, and ends with the process that started it. What any other returns is sent, and that is all.
const [module, name, input] = process.argv.slice(2)
process.once('disconnect', () => process.exit())

const end = (message) => process.send(message, () => process.exit())
try {
  const { [name]: work } = await import(module)
  const result = await work(JSON.parse(input))
  if (result?.ask === undefined) end({ value: result })
  else {
    process.on('message', async (question) => process.send(await result.ask(question)))
    process.send({ port: result.port })
  }
} catch (error) {
  end({ mistake: error.stack })
}
