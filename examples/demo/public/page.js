// The pages work without this script. It says when the session is about to end, keeps the operators' page up to date, and writes times in the
// browser's time zone.

const AT_MOST_BEFORE = 120_000
const AGAIN = 10_000
const LONGEST_TIMER = 2 ** 31 - 1

/** @param {ParentNode} place */
function localTimes(place) {
  for (const time of place.querySelectorAll('time')) {
    const options = { timeStyle: time.dataset.near === 'seconds' ? 'medium' : 'short' }
    if (time.dataset.near === 'false') options.dateStyle = 'medium'
    time.textContent = new Intl.DateTimeFormat('en-GB', options).format(new Date(time.dateTime))
  }
}

/** @param {HTMLElement} notice */
function watchSession(notice) {
  const [text, stay] = [notice.querySelector('p'), notice.querySelector('button')]
  const whole = Number(notice.dataset.left)
  // Of a short session the last third.
  const before = Math.min(AT_MOST_BEFORE, whole / 3)
  let timer

  function plan(left) {
    clearTimeout(timer)
    const isNear = left <= before
    const wait = isNear ? Math.min(left + 500, AGAIN) : left - before
    timer = setTimeout(ask, Math.min(wait, LONGEST_TIMER))
    if (isNear && notice.hidden) {
      notice.hidden = false
      // Once, and with a time: a countdown would be read aloud again and again.
      const end = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' }).format(Date.now() + left)
      text.textContent = `You will be signed out at ${end}.`
    }
    if (!isNear) notice.hidden = true
  }

  /** Another tab may have prolonged the session, or ended it. Asking prolongs nothing. */
  async function ask(method = 'GET', path = '/session') {
    try {
      const { left } = await (await fetch(path, { method })).json()
      // What is on the page is for whoever was signed in: the server shows what is right now.
      if (left === 0) location.replace(location.pathname)
      else plan(left)
    } catch {
      plan(before)
    }
  }

  stay.addEventListener('click', () => ask('POST', '/session/stay'))
  document.addEventListener('visibilitychange', () => document.hidden || ask())
  plan(whole)
}

/** @param {HTMLElement} place */
function keepUpToDate(place) {
  setInterval(async () => {
    if (document.hidden) return
    const reply = await fetch(place.dataset.live).catch(() => undefined)
    if (reply?.redirected) location.reload()
    if (!reply?.ok) return
    place.innerHTML = await reply.text()
    localTimes(place)
  }, 5000)
}

localTimes(document)
const notice = document.querySelector('.ending')
if (notice) watchSession(notice)
const live = document.querySelector('[data-live]')
if (live) keepUpToDate(live)
// A page that the browser kept whole, for its back button, is as old as it is.
addEventListener('pageshow', (event) => event.persisted && location.replace(location.pathname))
