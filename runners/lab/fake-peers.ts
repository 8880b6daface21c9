/** Leases of hosts that do not exist, so that one real flanneld has as many peers as a large network. */
import {
  type Address,
  formatAddress,
  formatPrefix,
  parseAddress,
  parsePrefix,
} from '../../checks/model/address.ts'
