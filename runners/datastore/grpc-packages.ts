/**
 * What a client for gRPC needs of its packages, by names that are imported at once: a bundle gives a package of CommonJS that
 * is imported late no names, only its default.
 */
export { noop } from 'cockatiel'
export { Etcd3 } from 'etcd3'
