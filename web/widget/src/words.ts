/** The widget's own words; what an administrator can change comes from the server. */

export interface Words {
  open: string
  close: string
  unread: (count: number) => string
  send: string
  attach: string
  removeFile: string
  message: string
  name: string
  email: string
  optional: string
  start: string
  formNote: string
  formNoteOffline: string
  invalidEmail: string
  required: string
  sending: string
  sent: string
  seen: string
  failed: string
  retry: string
  discard: string
  connecting: string
  offline: string
  away: string
  online: string
  typing: (name: string) => string
  you: string
  agent: string
  tooLong: (limit: number) => string
  fileTooBig: (name: string, megabytes: number) => string
  tooManyFiles: (count: number) => string
  uploadFailed: (name: string) => string
  uploading: string
  download: string
  conversation: string
  signIn: string
  trouble: string
  newMessages: string
  earlier: string
  today: string
  yesterday: string
  openHome: string
  search: string
  found: string
  nothingFound: string
  write: string
  fullArticle: string
  noHelp: string
  choices: string
  view: string
  closeView: string
  save: string
  conversations: string
  newConversation: string
  over: string
  ended: string
  rate: string
  rated: string
  rateComment: string
  /** From the worst to the best. */
  scores: readonly string[]
  agree: string
  privacy: string
  dismiss: string
  sampleQuestion: string
  sampleAnswer: string
}

const en: Words = {
  open: 'Open chat',
  close: 'Close chat',
  unread: (count) => (count === 1 ? '1 unread message' : `${count} unread messages`),
  send: 'Send',
  attach: 'Attach a file',
  removeFile: 'Remove file',
  message: 'Message',
  name: 'Your name',
  email: 'Your e-mail',
  optional: 'optional',
  start: 'Start the conversation',
  formNote: 'Tell us who you are, so that we can help you faster.',
  formNoteOffline: 'Leave your e-mail and we will answer there if you are gone by then.',
  invalidEmail: 'This does not look like an e-mail address.',
  required: 'Please fill this in.',
  sending: 'Sending…',
  sent: 'Sent',
  seen: 'Seen',
  failed: 'Not sent',
  retry: 'Try again',
  discard: 'Delete',
  connecting: 'Connecting…',
  offline: 'No connection. Your messages will be sent as soon as it is back.',
  away: 'We are away',
  online: 'We are online',
  typing: (name) => `${name} is typing…`,
  you: 'You',
  agent: 'Support',
  tooLong: (limit) => `At most ${limit} characters.`,
  fileTooBig: (name, megabytes) => `“${name}” is larger than ${megabytes} MB.`,
  tooManyFiles: (count) => `At most ${count} files in one message.`,
  uploadFailed: (name) => `“${name}” could not be uploaded.`,
  uploading: 'Uploading…',
  download: 'Download',
  conversation: 'Conversation',
  signIn: 'Please sign in on this site to write to us.',
  trouble: 'Something went wrong. Please try again in a moment.',
  newMessages: 'New messages',
  earlier: 'Show earlier messages',
  today: 'Today',
  yesterday: 'Yesterday',
  openHome: 'Back',
  search: 'Search for an answer',
  found: 'Articles',
  nothingFound: 'Nothing found. Write to us, we will help.',
  write: 'Write to us',
  fullArticle: 'Open in the help center',
  noHelp: 'This does not help: write to us',
  choices: 'Quick replies',
  view: 'View',
  closeView: 'Close preview',
  save: 'Save',
  conversations: 'Your conversations',
  newConversation: 'New conversation',
  over: 'over',
  ended: 'This conversation is over.',
  rate: 'How was our help?',
  rated: 'Thank you! You may change your answer.',
  rateComment: 'What could be better? (optional)',
  scores: ['very bad', 'bad', 'fair', 'good', 'very good'],
  agree: 'I agree',
  privacy: 'Privacy',
  dismiss: 'Dismiss',
  sampleQuestion: 'Do you deliver on Saturdays?',
  sampleAnswer: 'Yes, until noon.',
}

const uk: Words = {
  open: 'Відкрити чат',
  close: 'Закрити чат',
  unread: (count) => `${count} ${slavic(count, 'непрочитане повідомлення', 'непрочитані повідомлення', 'непрочитаних повідомлень')}`,
  send: 'Надіслати',
  attach: 'Додати файл',
  removeFile: 'Прибрати файл',
  message: 'Повідомлення',
  name: 'Ваше ім’я',
  email: 'Ваша електронна адреса',
  optional: 'необов’язково',
  start: 'Почати розмову',
  formNote: 'Представтеся, будь ласка, щоб ми допомогли швидше.',
  formNoteOffline: 'Залиште електронну адресу: якщо вас уже не буде на сайті, відповімо листом.',
  invalidEmail: 'Це не схоже на електронну адресу.',
  required: 'Заповніть, будь ласка, це поле.',
  sending: 'Надсилаємо…',
  sent: 'Надіслано',
  seen: 'Переглянуто',
  failed: 'Не надіслано',
  retry: 'Спробувати ще раз',
  discard: 'Видалити',
  connecting: 'З’єднуємося…',
  offline: 'Немає з’єднання. Надішлемо повідомлення, щойно воно з’явиться.',
  away: 'Нас зараз немає',
  online: 'Ми на зв’язку',
  typing: (name) => `${name} пише…`,
  you: 'Ви',
  agent: 'Підтримка',
  tooLong: (limit) => `Щонайбільше ${limit} символів.`,
  fileTooBig: (name, megabytes) => `«${name}» більший за ${megabytes} МБ.`,
  tooManyFiles: (count) => `Щонайбільше ${count} файлів в одному повідомленні.`,
  uploadFailed: (name) => `Не вдалося завантажити «${name}».`,
  uploading: 'Завантажуємо…',
  download: 'Зберегти',
  conversation: 'Розмова',
  signIn: 'Щоб написати нам, увійдіть, будь ласка, на сайт.',
  trouble: 'Щось пішло не так. Спробуйте, будь ласка, за хвилину.',
  newMessages: 'Нові повідомлення',
  earlier: 'Показати попередні повідомлення',
  today: 'Сьогодні',
  yesterday: 'Учора',
  openHome: 'Назад',
  search: 'Знайдіть відповідь',
  found: 'Статті',
  nothingFound: 'Нічого не знайдено. Напишіть нам, ми допоможемо.',
  write: 'Написати нам',
  fullArticle: 'Відкрити в довідці',
  noHelp: 'Не допомогло: написати нам',
  choices: 'Швидкі відповіді',
  view: 'Переглянути',
  closeView: 'Закрити перегляд',
  save: 'Зберегти',
  conversations: 'Ваші розмови',
  newConversation: 'Нова розмова',
  over: 'завершено',
  ended: 'Розмову завершено.',
  rate: 'Як ми вам допомогли?',
  rated: 'Дякуємо! Відповідь можна змінити.',
  rateComment: 'Що можна поліпшити? (необов’язково)',
  scores: ['дуже погано', 'погано', 'задовільно', 'добре', 'дуже добре'],
  agree: 'Погоджуюся',
  privacy: 'Приватність',
  dismiss: 'Прибрати',
  sampleQuestion: 'Ви доставляєте в суботу?',
  sampleAnswer: 'Так, до полудня.',
}

const ru: Words = {
  open: 'Открыть чат',
  close: 'Закрыть чат',
  unread: (count) => `${count} ${slavic(count, 'непрочитанное сообщение', 'непрочитанных сообщения', 'непрочитанных сообщений')}`,
  send: 'Отправить',
  attach: 'Прикрепить файл',
  removeFile: 'Убрать файл',
  message: 'Сообщение',
  name: 'Ваше имя',
  email: 'Ваша электронная почта',
  optional: 'необязательно',
  start: 'Начать разговор',
  formNote: 'Представьтесь, пожалуйста, чтобы мы помогли быстрее.',
  formNoteOffline: 'Оставьте адрес почты: если вас уже не будет на сайте, ответим письмом.',
  invalidEmail: 'Это не похоже на адрес электронной почты.',
  required: 'Заполните, пожалуйста, это поле.',
  sending: 'Отправляем…',
  sent: 'Отправлено',
  seen: 'Просмотрено',
  failed: 'Не отправлено',
  retry: 'Попробовать ещё раз',
  discard: 'Удалить',
  connecting: 'Соединяемся…',
  offline: 'Нет соединения. Отправим сообщения, как только оно появится.',
  away: 'Нас сейчас нет',
  online: 'Мы на связи',
  typing: (name) => `${name} печатает…`,
  you: 'Вы',
  agent: 'Поддержка',
  tooLong: (limit) => `Не больше ${limit} символов.`,
  fileTooBig: (name, megabytes) => `«${name}» больше ${megabytes} МБ.`,
  tooManyFiles: (count) => `Не больше ${count} файлов в одном сообщении.`,
  uploadFailed: (name) => `Не удалось загрузить «${name}».`,
  uploading: 'Загружаем…',
  download: 'Сохранить',
  conversation: 'Разговор',
  signIn: 'Чтобы написать нам, войдите, пожалуйста, на сайт.',
  trouble: 'Что-то пошло не так. Попробуйте, пожалуйста, через минуту.',
  newMessages: 'Новые сообщения',
  earlier: 'Показать предыдущие сообщения',
  today: 'Сегодня',
  yesterday: 'Вчера',
  openHome: 'Назад',
  search: 'Найдите ответ',
  found: 'Статьи',
  nothingFound: 'Ничего не найдено. Напишите нам, мы поможем.',
  write: 'Написать нам',
  fullArticle: 'Открыть в справке',
  noHelp: 'Не помогло: написать нам',
  choices: 'Быстрые ответы',
  view: 'Посмотреть',
  closeView: 'Закрыть просмотр',
  save: 'Сохранить',
  conversations: 'Ваши разговоры',
  newConversation: 'Новый разговор',
  over: 'завершён',
  ended: 'Разговор завершён.',
  rate: 'Как мы вам помогли?',
  rated: 'Спасибо! Ответ можно изменить.',
  rateComment: 'Что можно улучшить? (необязательно)',
  scores: ['очень плохо', 'плохо', 'сносно', 'хорошо', 'очень хорошо'],
  agree: 'Согласен',
  privacy: 'Конфиденциальность',
  dismiss: 'Убрать',
  sampleQuestion: 'Вы доставляете в субботу?',
  sampleAnswer: 'Да, до полудня.',
}

export const languages: Readonly<Record<string, Words>> = { en, uk, ru }

const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur', 'ps', 'yi', 'ckb', 'dv'])

export function wordsFor(locale: string): Words {
  return languages[primary(locale)] ?? en
}

export function directionOf(locale: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(primary(locale)) ? 'rtl' : 'ltr'
}

function primary(locale: string): string {
  return locale.toLowerCase().split(/[-_]/)[0]!
}

/** Plural forms of Ukrainian and Russian (CLDR: one, few, many). */
function slavic(count: number, one: string, few: string, many: string): string {
  const [tens, units] = [count % 100, count % 10]
  if (units === 1 && tens !== 11) return one
  return units >= 2 && units <= 4 && (tens < 12 || tens > 14) ? few : many
}
