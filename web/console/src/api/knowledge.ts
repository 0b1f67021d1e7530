/** Articles of the knowledge base and their categories. */
import { api } from '@/api/client'
import type {
  ArticleBrief, ArticlePatch, ArticleView, CategoryView, Done, Id, NewArticle, NewCategory, Page, RevisionView,
} from '@/api/schema'

export interface ArticleFilter {
  q?: string
  state?: string
  visibility?: string
  category_id?: Id
  locale?: string
  cursor?: string | null
}

export const fetchArticles = (filter: ArticleFilter): Promise<Page<ArticleBrief>> => api.get('/articles', { ...filter })
export const addArticle = (body: NewArticle): Promise<ArticleView> => api.post('/articles', body)
export const fetchArticle = (id: Id): Promise<ArticleView> => api.get(`/articles/${id}`)
export const changeArticle = (id: Id, body: ArticlePatch): Promise<ArticleView> => api.patch(`/articles/${id}`, body)
export const removeArticle = (id: Id): Promise<Done> => api.delete(`/articles/${id}`)
export const fetchRevisions = (id: Id): Promise<RevisionView[]> => api.get(`/articles/${id}/revisions`)

export const fetchCategories = (): Promise<CategoryView[]> => api.get('/categories')
export const addCategory = (body: NewCategory): Promise<CategoryView> => api.post('/categories', body)
export const changeCategory = (id: Id, body: NewCategory): Promise<CategoryView> => api.patch(`/categories/${id}`, body)
export const removeCategory = (id: Id): Promise<Done> => api.delete(`/categories/${id}`)
