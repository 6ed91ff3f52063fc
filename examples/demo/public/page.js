// The pages work without this script. It says when the session is about to end, keeps the operators' page up to date, and writes times in the
// browser's time zone.

const LONGEST_NOTICE = 120_000
const AGAIN = 10_000
const LONGEST_TIMER = 2 ** 31 - 1

const short = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' })
const FORMATS = {
  near: short,
  far: new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', dateStyle: 'medium' }),
  exact: new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' }),
}

/** @param {ParentNode} place */
function localTimes(place) {
  for (const time of place.querySelectorAll('time')) {
    const format = FORMATS[/** @type {keyof typeof FORMATS} */ (time.dataset['form'])]
    time.textContent = format.format(new Date(time.dateTime))
  }
}

/** How long the session still lives, in milliseconds; undefined when the server could not be asked. @param {string} path @param {string} method */
async function askServer(path, method) {
  try {
    const reply = await fetch(path, { method })
    return /** @type {{ left: number }} */ (await reply.json()).left
  } catch {
    return undefined
  }
}

/** @param {HTMLElement} notice @param {HTMLElement} text @param {HTMLElement} button */
function watchSession(notice, text, button) {
  const whole = Number(notice.dataset['left'])
  // Of a short session the last third.
  const isNear = (/** @type {number} */ left) => left <= Math.min(LONGEST_NOTICE, whole / 3)
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer

  /** @param {number} wait */
  function askAfter(wait) {
    clearTimeout(timer)
    timer = setTimeout(ask, Math.min(wait, LONGEST_TIMER))
  }

  /** @param {number} left */
  function show(left) {
    // Once, and with a time: a countdown would be read aloud again and again.
    if (isNear(left) && notice.hidden) text.textContent = `You will be signed out at ${short.format(Date.now() + left)}.`
    notice.hidden = !isNear(left)
    askAfter(isNear(left) ? Math.min(left + 500, AGAIN) : left - Math.min(LONGEST_NOTICE, whole / 3))
  }

  /** Another tab may have prolonged the session, or ended it. Asking prolongs nothing. */
  async function ask(path = '/session', method = 'GET') {
    const left = await askServer(path, method)
    // What is on the page is for whoever was signed in. The server shows what is right now.
    if (left === 0) location.replace(location.pathname)
    else if (left === undefined) askAfter(AGAIN)
    else show(left)
  }

  button.addEventListener('click', () => ask('/session/stay', 'POST'))
  // Timers stand still while a laptop sleeps.
  document.addEventListener('visibilitychange', () => document.hidden || ask())
  show(whole)
}

/** @param {HTMLElement} place @param {string} path */
function keepUpToDate(place, path) {
  setInterval(async () => {
    if (document.hidden) return
    const reply = await fetch(path).catch(() => undefined)
    if (reply?.redirected) location.reload()
    else if (reply?.ok) {
      // Our own page, in which the server has escaped every value.
      place.innerHTML = await reply.text()
      localTimes(place)
    }
  }, 5000)
}

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement | null} */ (document.querySelector(selector))

/** A second click on "Sign in" would cut off the reply to the first, which has the new cookie. */
function sendFormsOnce() {
  let isSent = false
  addEventListener('submit', (event) => {
    if (isSent) event.preventDefault()
    isSent = true
  })
}

localTimes(document)
sendFormsOnce()
const [notice, text, button] = ['.ending', '.ending p', '.ending button'].map(find)
if (notice && text && button) watchSession(notice, text, button)
const live = find('[data-live]')
if (live?.dataset['live']) keepUpToDate(live, live.dataset['live'])
// A page that the browser kept whole for its back button is as old as it is.
addEventListener('pageshow', (event) => event.persisted && location.replace(location.pathname))
