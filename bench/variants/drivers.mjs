import { Redis } from 'ioredis'
import mysql from 'mysql2/promise'
import pg from 'pg'

const host = '127.0.0.1'
const port = Number(process.env.DATABASE_PORT)

/** Clients with the settings that docs/stores.md shows, the same for a store and for what it is held against. */
export const redisClient = () => new Redis({ host, port, enableAutoPipelining: true })
export const postgresPool = () => new pg.Pool({ host, port, user: 'postgres', database: 'postgres' })
export const mysqlPool = () => mysql.createPool({ host, port, user: 'root', database: 'test' })
