/** Older designs of flannel write one route for the whole network, not one for each peer. */
import { sharedFilter } from '../model/list-but-one.ts'
import type { ExpectedRoute } from './expected.ts'

/** Of expected routes those that belong to no peer; none where each peer has its own. */
export const networkRoutes = sharedFilter<ExpectedRoute>(({ peer }) => peer === undefined)
