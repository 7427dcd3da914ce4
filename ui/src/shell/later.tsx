import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ApiError } from '../api/client'
import { Failure, Waiting } from '../components/States'

/** A page whose code is loaded when it is first opened, so that the first page of all comes sooner. After an update
 *  of the server the code of before is gone; then the page is loaded anew. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let page: ComponentType<P> | undefined
  return function Later(props: P) {
    const [state, setState] = useState<'loading' | 'there' | 'failed'>(page ? 'there' : 'loading')
    useEffect(() => {
      if (page) return
      load().then((loaded) => {
        page = loaded
        setState('there')
      }, () => setState('failed'))
    }, [])
    const Page = page
    if (Page) return <Page {...props} />
    if (state === 'failed') return <Failure error={new ApiError(0, 'unreachable', 'The page could not be loaded. Was the server updated?')} retry={() => location.reload()} />
    return <Waiting />
  }
}
