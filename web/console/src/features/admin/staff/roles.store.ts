/** Roles and the permissions they may be made of. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { PermissionView, RoleView } from '@/api/schema'
import { fetchPermissions, fetchRoles } from '@/api/staff'

export const useRoles = defineStore('roles', () => {
  const roles = ref<RoleView[]>([])
  const permissions = ref<PermissionView[]>([])

  async function load(): Promise<void> {
    const [made, possible] = await Promise.all([fetchRoles(), fetchPermissions()])
    roles.value = made
    permissions.value = possible
  }

  return { roles, permissions, load }
})
