import * as echarts from 'echarts'
import { cases } from '../throughput/cases.mjs'
import { variants } from '../throughput/variants.mjs'
import { quoted, rateTo } from './throughput.mjs'

const LABELS = {
  'no-cookie': 'no cookie',
  untouched: 'cookie,\nsession not used',
  read: 'read',
  write: 'write',
  login: 'login',
  'read-50': 'read, 50 keys',
  'read-redis': 'Redis',
  'read-postgres': 'PostgreSQL',
  'read-mysql': 'MariaDB',
}
const PEERS = { cookie: '#b8c0cc', session: '#e8a87c', mgcrea: '#d3a4c4', secure: '#a8c69f', express: '#e5c76b' }
const COLORS = { ...PEERS, scs: '#1f6feb' }
const TEXT = { color: '#57606a', fontFamily: 'sans-serif' }

/** One group of bars a case, one bar a series: shares in per cent. */
function barChart({ title, labels, series, width, height }) {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height })
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', top: 8, textStyle: { ...TEXT, fontSize: 14, color: '#24292f' } },
    legend: legends(series.map(({ name }) => name)),
    grid: { left: 56, right: 16, top: 48, bottom: 92 },
    xAxis: { type: 'category', data: labels, axisLabel: { ...TEXT, interval: 0 }, axisTick: { show: false } },
    yAxis: {
      ...{ type: 'value', max: 120, interval: 20 },
      ...{ axisLabel: { ...TEXT, formatter: '{value} %' }, splitLine: { lineStyle: { color: '#eaeef2' } } },
    },
    series: series.map(({ name, color, values }) => bars(name, color, values)),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg
}

/** In lines of three: the widths of texts are guessed, for there is no screen. */
function legends(names) {
  const lines = Array.from({ length: Math.ceil(names.length / 3) }, (_, i) => names.slice(3 * i, 3 * i + 3))
  const style = { itemGap: 36, itemWidth: 16, textStyle: { ...TEXT, fontSize: 11 } }
  return lines.map((data, i) => ({ ...style, data, bottom: 8 + 22 * (lines.length - 1 - i) }))
}

function bars(name, color, values) {
  const label = { show: true, position: 'top', fontSize: 10, color: TEXT.color, formatter: ({ value }) => String(value ?? '') }
  return { name, type: 'bar', barGap: '8%', barCategoryGap: '22%', itemStyle: { color }, label, data: values }
}

/** In per cent; null where it was not measured. */
const shareOf = (samples, name, own, base) =>
  cases[name].variants.includes(own) ? Math.round(rateTo(samples, name, own, base) * 100) : null

const labelsOf = (names) => names.map((name) => LABELS[name])

function pluginsChart(samples) {
  const names = Object.keys(cases).filter((name) => cases[name].base === 'cookie')
  return barChart({
    title: 'Requests a second, bare Fastify = 100 %',
    labels: labelsOf(names),
    series: Object.entries(COLORS).map(([variant, color]) => ({
      ...{ name: variants[variant].title, color },
      values: names.map((name) => shareOf(samples, name, variant, 'bare')),
    })),
    ...{ width: 860, height: 380 },
  })
}

/** A read beside a handler that asks the same server one question and does nothing else. */
function storesChart(samples) {
  const names = Object.keys(cases).filter((name) => cases[name].base.startsWith('bare-'))
  const ours = names.map((name) => shareOf(samples, name, cases[name].of, cases[name].base))
  return barChart({
    title: 'A read from a server, a handler with one bare query = 100 %',
    labels: labelsOf(names),
    series: [
      { name: 'one bare query', color: COLORS.cookie, values: names.map(() => 100) },
      { name: 'fastify-scs', color: COLORS.scs, values: ours },
    ],
    ...{ width: 520, height: 320 },
  })
}

/** What the README and docs/performance.md show, by name. */
export function drawCharts({ samples }) {
  const shown = quoted(samples)
  return { plugins: pluginsChart(shown), stores: storesChart(shown) }
}
