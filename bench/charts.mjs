import { mkdirSync, writeFileSync } from 'node:fs'
import * as echarts from 'echarts'
import { cases } from './cases.mjs'
import { variants } from './variants/index.mjs'

const LABELS = {
  'no-cookie': 'no cookie',
  untouched: 'cookie,\nsession not used',
  read: 'read',
  write: 'write',
  'read-50': 'read, 50 keys',
  'read-redis': 'Redis',
  'read-postgres': 'PostgreSQL',
  'read-mysql': 'MariaDB',
}
const COLORS = {
  cookie: '#b8c0cc',
  session: '#e8a87c',
  mgcrea: '#d3a4c4',
  secure: '#a8c69f',
  express: '#e5c76b',
  scs: '#1f6feb',
}
const TEXT = { color: '#57606a', fontFamily: 'sans-serif' }

/** One group of bars a case, one bar a series: shares in per cent. */
function barChart({ title, labels, series, max, width, height }) {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height })
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', top: 8, textStyle: { ...TEXT, fontSize: 14, color: '#24292f' } },
    legend: legends(series.map(({ name }) => name)),
    grid: { left: 56, right: 16, top: 48, bottom: 92 },
    xAxis: { type: 'category', data: labels, axisLabel: { ...TEXT, interval: 0 }, axisTick: { show: false } },
    yAxis: {
      type: 'value',
      max,
      interval: 20,
      axisLabel: { ...TEXT, formatter: '{value} %' },
      splitLine: { lineStyle: { color: '#eaeef2' } },
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
  const label = {
    show: true,
    position: 'top',
    fontSize: 10,
    color: '#57606a',
    formatter: ({ value }) => (value === null ? '' : String(value)),
  }
  return { name, type: 'bar', barGap: '8%', barCategoryGap: '22%', itemStyle: { color }, label, data: values }
}

const rounded = (share) => Math.round(share * 100)

/** Of a case the share of Fastify's own speed that a variant reaches; null where it was not measured. */
function shareOf(result, variant) {
  const row = result.rows.find((each) => each.variant === variant)
  return row === undefined ? null : rounded(row.toBare.median)
}

function pluginsChart(results) {
  const shown = results.filter(({ name }) => cases[name].variants.includes('cookie'))
  return barChart({
    title: 'Requests a second, bare Fastify = 100 %',
    labels: shown.map(({ name }) => LABELS[name]),
    series: Object.entries(COLORS).map(([variant, color]) => ({
      ...{ name: variants[variant].title, color },
      values: shown.map((result) => shareOf(result, variant)),
    })),
    ...{ max: 120, width: 860, height: 380 },
  })
}

/** A read beside a handler that asks the same server one question and does nothing else. */
function storesChart(results) {
  const shown = results.filter(({ aims: [{ to }] }) => to.startsWith('bare-'))
  return barChart({
    title: 'A read from a server, a handler with one bare query = 100 %',
    labels: shown.map(({ name }) => LABELS[name]),
    series: [
      { name: 'one bare query', color: COLORS.cookie, values: shown.map(() => 100) },
      { name: 'fastify-scs', color: COLORS.scs, values: shown.map(({ aims: [{ ratio }] }) => rounded(ratio.median)) },
    ],
    ...{ max: 120, width: 520, height: 320 },
  })
}

/** Draws what the README and docs/performance.md show. */
export function drawCharts({ cases: results }) {
  const folder = new URL('results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL('plugins.svg', folder), pluginsChart(results))
  writeFileSync(new URL('stores.svg', folder), storesChart(results))
}
