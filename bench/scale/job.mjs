// The process that alone.mjs starts: its arguments are a module, a function of it and the function's input.
const [module, name, input] = process.argv.slice(2)
const { [name]: job } = await import(`./${module}.mjs`)
process.stdout.write(JSON.stringify(await job(JSON.parse(input))))
