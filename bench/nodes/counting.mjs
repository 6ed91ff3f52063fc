const none = () => ({ finds: 0, updates: 0, conflicts: 0 })

/** Counts what is asked of a store, from inside of it: for the session that all share, and for the others. */
export function counting(store) {
  const counts = { shared: none(), own: none() }
  let sharedKey
  const of = (key) => (key === sharedKey ? counts.shared : counts.own)
  const [find, update] = [store.find.bind(store), store.update.bind(store)]
  store.find = (key, ...rest) => {
    of(key).finds++
    return find(key, ...rest)
  }
  store.update = async (key, ...rest) => {
    const count = of(key)
    count.updates++
    const done = await update(key, ...rest)
    if (!done) count.conflicts++
    return done
  }
  const start = (key) => {
    sharedKey = key
    Object.assign(counts, { shared: none(), own: none() })
  }
  return { store, counts, start }
}
